"""Several tracers as one."""
