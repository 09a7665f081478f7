"""环信通: the people's side. ``create_app`` puts it together; nothing happens on import."""

from __future__ import annotations

from flask import Flask

from app.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The app with its database, engine, areas, protection and command line."""
    from app import areas, cli, config, db, engine, errors, logs, metrics, on_demand, pages, security

    settings = settings or config.load()
    app = Flask(__name__)
    app.extensions["settings"] = settings
    app.config.update(_flask_config(settings))
    logs.configure(settings)
    db.init_app(app, settings)
    on_demand.init_app(app, settings)
    logs.init_app(app)
    metrics.init_app(app)
    engine.init_app(app, settings.warn_days)
    pages.init_app(app)
    areas.install(app, settings)
    security.init_app(app, settings)  # after the areas: a lost login is told as that, not as a bad form
    errors.init_app(app)
    cli.init_app(app)
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "TESTING": settings.testing,
        "INSTANCE_DIR": settings.instance,
        "ORGAN_NAME": settings.organ_name,
        "IDLE_MINUTES": settings.idle_minutes,
        "MAX_CONTENT_LENGTH": settings.upload_mb * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "SESSION_COOKIE_NAME": "hxt",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.https,
        "TRUSTED_HOSTS": [host.strip() for host in settings.trusted_hosts.split(",") if host.strip()] or None,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the login lasts: a form filled slowly is not lost
        "WTF_CSRF_CHECK_DEFAULT": True,
    }
