"""What the judges share: where the server is, how to look closely, and how to run every test of a file."""

import json
import os
import pathlib
import traceback

from pydantic import TypeAdapter

ROOT = os.environ["MOCK_LLM_URL"]
KEY = "secret-0123456789"

UNICODE = "Grüße, 世界! 👩‍👩‍👧 \"quoted\" \\ \u2028 \t end"

CITY = {"city": "東京"}
ZONE = {"zone": "Asia/Tokyo"}


def fixture(protocol):
    """A message with a picture and a document, as Kaiwa's adapter for this protocol sends it."""
    folder = pathlib.Path(__file__).parents[3] / "llm/tests/fixtures/files"
    return json.loads((folder / f"{protocol}.json").read_text(encoding="utf-8"))


def numbered(word, count):
    return " ".join(f"{word}{n}" for n in range(count))


def look_closely(kind, value):
    """The clients build their objects without looking; this looks at every field's type."""
    TypeAdapter(kind).validate_python(value.to_dict())
    return value


def raises(kind, action, *, status=None, says=""):
    """The action must raise exactly this kind of error."""
    try:
        action()
    except Exception as error:
        assert type(error) is kind, f"{type(error).__name__} instead of {kind.__name__}: {error}"
        assert says in str(error), f"{says!r} is not in {error}"
        if status is not None:
            found = getattr(error, "status_code", getattr(error, "code", None))
            assert found == status, f"{found} instead of {status}"
        return error
    raise AssertionError(f"no {kind.__name__}")


def run(names):
    """Runs every test of a file; the process fails if one of them does."""
    failed = []
    for name, test in list(names.items()):
        if not name.startswith("test_"):
            continue
        try:
            test()
            print(f"ok      {name}")
        except Exception:
            failed.append(name)
            print(f"FAILED  {name}\n{traceback.format_exc()}")
    raise SystemExit(f"failed: {', '.join(failed)}" if failed else 0)
