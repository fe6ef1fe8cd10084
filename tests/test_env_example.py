"""`.env.example` says what settings.py says, and holds nothing that could be mistaken for a real secret."""

from pathlib import Path

from portal_app import settings

ROOT = Path(__file__).resolve().parent.parent


def test_env_example_is_made_from_the_settings():
    kept = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert kept == settings.env_example(), "run: python -m portal_app.cli env-example > .env.example"


def test_env_example_names_every_setting_and_no_secret_has_a_value():
    lines = [line for line in settings.env_example().splitlines() if line and not line.startswith("#")]
    values = dict(line.split("=", 1) for line in lines)
    assert list(values) == list(settings.Settings.model_fields)
    for name, info in settings.Settings.model_fields.items():
        if info.is_required() or (isinstance(info.json_schema_extra, dict) and info.json_schema_extra.get("secret")):
            assert values[name] == ""
