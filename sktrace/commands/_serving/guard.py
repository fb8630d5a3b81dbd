"""Who may ask, and how much at a time: judged before anything is read."""

import asyncio
import hmac
import json

__all__ = ["LOCAL", "MOST_BYTES", "Guard"]

MOST_BYTES = 2**20  # of a body
TOO_LARGE = 413, f"Expected a body of at most {MOST_BYTES:,} bytes. Send it in parts."
ENDS = 503, "The server ends. Send it again later."
LOCAL = ("localhost", "127.0.0.1", "[::1]")


class Guard:
    """An ASGI application around another, which lets through what may be asked.

    Without a token all programs of this machine may ask, and no web page that is read
    there: a page may send a form, but JSON only where the server agrees (CORS), which
    this one never does; and one that calls this machine by a name of its own (DNS
    rebinding) has that name in the header ``Host``.

    Parameters
    ----------
    app : ASGI application
    token : str, optional
        What ``Authorization: Bearer`` must tell, but for /health.
    hosts : sequence of str
        What ``Host`` may name, where there is no token.
    """

    def __init__(self, app, token=None, hosts=LOCAL):
        self.app, self.token, self.hosts = app, token, hosts

    async def __call__(self, scope, receive, send):
        """Refuse, or read the body and hand it on."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        refusal = self._judge(scope, dict(scope["headers"]))
        if refusal:
            return await _refuse(send, *refusal)
        parts, n_bytes, more = [], 0, scope["method"] == "POST"
        while more:
            try:
                message = await receive()
            except asyncio.CancelledError:  # who sends the rest is waited for no more
                return await _refuse(send, *ENDS)
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            n_bytes += len(parts[-1])
            if n_bytes > MOST_BYTES:
                return await _refuse(send, *TOO_LARGE)
            more = message.get("more_body", False)
        read = [{"type": "http.request", "body": b"".join(parts), "more_body": False}]

        async def receive_read():
            return read.pop() if read else await receive()

        return await self.app(scope, receive_read, send)

    def _judge(self, scope, headers):
        """Return status and sentence of a refusal, or None."""
        if self.token is None:
            host = headers.get(b"host", b"").decode("latin-1").lower()
            name = host if host.endswith("]") else host.rpartition(":")[0] or host
            if name not in self.hosts:
                return 421, f"Host: got {host[:100]!r}; expected {self.hosts[0]}."
        elif scope["path"] != "/health":
            scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
            right = hmac.compare_digest(given.strip(), self.token.encode())
            if scheme.lower() != b"bearer" or not right:
                return 401, "Authorization: expected Bearer, and the token."
        if scope["method"] == "POST":
            kind = headers.get(b"content-type", b"").partition(b";")[0].strip()
            if kind.lower() != b"application/json":
                return 415, "Content-Type: expected application/json."
            if len(headers.get(b"content-length", b"")) > len(str(MOST_BYTES)):
                return TOO_LARGE
        return None


async def _refuse(send, status, detail):
    body = json.dumps({"detail": detail}).encode()
    headers = [(b"content-type", b"application/json")]
    headers.append((b"content-length", str(len(body)).encode()))
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
