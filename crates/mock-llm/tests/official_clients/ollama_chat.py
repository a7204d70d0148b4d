"""The `ollama` package, which looks at every field by itself, reads Ollama's own API."""

import ollama

from judge import CITY, ROOT, UNICODE, ZONE, fixture, numbered, raises, run

client = ollama.Client(host=ROOT)
QUESTION = [{"role": "user", "content": UNICODE}]


def whole(model, messages=QUESTION):
    return client.chat(model=model, messages=messages)


def streamed(model):
    return list(client.chat(model=model, messages=QUESTION, stream=True, think=True))


def said(lines):
    return "".join(line.message.content or "" for line in lines)


def calls(lines):
    found = [call.function for line in lines for call in line.message.tool_calls or []]
    return [(call.name, call.arguments) for call in found]


def test_text():
    assert said(streamed("mock-tokens-50-rate-0")) == numbered("t", 50)
    assert said([whole("mock-tokens-50")]) == numbered("t", 50)
    assert said(streamed("mock-tokens-3-rate-0:latest")) == numbered("t", 3)


def test_unicode():
    for model in ["echo-rate-0", "echo-rate-0-utf8", "echo-rate-0-drip", "echo-rate-0-crlf"]:
        assert said(streamed(model)) == UNICODE, model
    assert said([whole("echo")]) == UNICODE


def test_reasoning():
    for lines in [streamed("reasoning-tokens-5-rate-0"), [whole("reasoning-tokens-5")]]:
        assert "".join(line.message.thinking or "" for line in lines) == numbered("r", 5)
        assert said(lines) == numbered("t", 5)


def test_tool_calls():
    for lines in [streamed("tools-rate-0"), [whole("tools")]]:
        assert calls(lines) == [("get_weather", CITY), ("get_time", ZONE)]


def test_answered_tool_calls():
    first = whole("tools")
    results = [{"role": "tool", "tool_name": name, "content": name} for name, _ in calls([first])]
    answer = whole("tools", QUESTION + [first.message] + results)
    assert answer.message.content == "The tools said: get_weather; get_time"


def test_usage_and_end():
    for last in [streamed("mock-tokens-7-rate-0")[-1], whole("mock-tokens-7")]:
        assert (last.done, last.done_reason, last.eval_count) == (True, "stop", 7)
        assert last.prompt_eval_count > 0 and last.eval_duration == 1_000_000_000
    assert streamed("mock-length-rate-0")[-1].done_reason == "length"


def test_errors():
    for status in [400, 401, 404, 429, 500]:
        for ask in [whole, streamed]:
            raises(ollama.ResponseError, lambda: ask(f"mock-error-{status}"), status=status, says="Scripted failure")
    raises(ollama.ResponseError, lambda: streamed("llama3"), status=404, says="model 'llama3' not found")
    raises(ollama.ResponseError, lambda: streamed("mock-rate-0-fail-3"), says="CUDA error")


def test_models():
    models = client.list().models
    assert "mock:latest" in [model.model for model in models] and models[0].size > 0
    shown = client.show("mock:latest")
    assert shown.capabilities == ["completion", "tools", "thinking", "vision"]
    assert shown.modelinfo["mock.context_length"] == 131072
    raises(ollama.ResponseError, lambda: client.show("llama3"), status=404)


def test_pictures():
    """What Kaiwa's adapter sends is sent unchanged."""
    assert said([whole("echo", fixture("ollama"))]) == "What is on these?"
    wrong = [{"role": "user", "content": "?", "images": [b"???"]}]
    raises(ollama.ResponseError, lambda: whole("echo", wrong), status=400, says="invalid image")


if __name__ == "__main__":
    run(globals())
