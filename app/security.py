"""Protection that holds for every page: content policy, frames, forged forms, oversized requests, believed proxies."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import Settings
from workflows.errors import WorkflowError

# No inline script or style anywhere: what an attacker gets into a page does not run.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SIGNED = ("exchange",)  # requests of other installations: no cookie a forged form could use, each request is signed
YEAR_SECONDS = 31_536_000


def init_app(app: Flask, settings: Settings) -> None:
    forged = CSRFProtect(app)
    for name in SIGNED:
        forged.exempt(app.blueprints[name])
    if settings.proxies:
        n = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]

    app.before_request(refuse_nul)

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if settings.https and request.is_secure:
            headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}; includeSubDomains"
        return response


def refuse_nul() -> None:
    """No text of a person holds NUL, and the database cannot store it: said once here instead of at every field."""
    given = (*request.args.items(multi=True), *request.form.items(multi=True), *(request.view_args or {}).items())
    if any("\0" in text for pair in given for text in pair if isinstance(text, str)):
        raise WorkflowError("内容里有不能保存的控制字符，请删去后再提交。")
