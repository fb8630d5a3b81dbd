"""What an audit looks at, a question per file; `sktrace.inspection.audit` asks all."""
