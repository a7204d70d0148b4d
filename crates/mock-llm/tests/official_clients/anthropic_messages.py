"""The `anthropic` package reads messages."""

import anthropic
from anthropic.types import Message, MessageParam, RawMessageStreamEvent
from pydantic import TypeAdapter

from judge import CITY, KEY, ROOT, UNICODE, ZONE, fixture, look_closely, numbered, raises, run

client = anthropic.Anthropic(base_url=ROOT, api_key=KEY, max_retries=0)
QUESTION = [{"role": "user", "content": UNICODE}]


def whole(model, messages=QUESTION):
    return look_closely(Message, client.messages.create(model=model, messages=messages, max_tokens=100))


def streamed(model):
    stream = client.messages.create(model=model, messages=QUESTION, max_tokens=100, stream=True)
    return [look_closely(RawMessageStreamEvent, event) for event in stream]


def put_together(model, messages=QUESTION):
    """The package's own way to put the events together."""
    with client.messages.stream(model=model, messages=messages, max_tokens=100) as stream:
        for _ in stream:
            pass
        return look_closely(Message, stream.get_final_message())


def said(message):
    return "".join(block.text for block in message.content if block.type == "text")


def test_text():
    assert len(streamed("mock-tokens-50-rate-0")) > 50
    assert said(put_together("mock-tokens-50-rate-0")) == numbered("t", 50)
    assert said(whole("mock-tokens-50")) == numbered("t", 50)


def test_unicode():
    for model in ["echo-rate-0", "echo-rate-0-utf8", "echo-rate-0-drip", "echo-rate-0-crlf-lines"]:
        assert said(put_together(model)) == UNICODE, model
    assert said(whole("echo")) == UNICODE


def test_reasoning():
    for answer in [put_together("reasoning-tokens-5-rate-0-redacted"), whole("reasoning-tokens-5-redacted")]:
        sealed, thought, text = answer.content
        assert (sealed.type, thought.thinking, text.text) == ("redacted_thinking", numbered("r", 5), numbered("t", 5))
        assert thought.signature and sealed.data


def test_tool_calls():
    for model in ["tools-rate-0", "tools-rate-0-whole"]:
        for answer in [put_together(model), whole(model)]:
            assert answer.stop_reason == "tool_use"
            calls = [(block.id, block.name, block.input) for block in answer.content if block.type == "tool_use"]
            assert calls == [("call_0", "get_weather", CITY), ("call_1", "get_time", ZONE)], model


def test_answered_tool_calls_with_their_signed_thoughts():
    model = "tools-thinking-strict-rate-0"
    first = put_together(model)
    results = [{"type": "tool_result", "tool_use_id": block.id, "content": block.name}
               for block in first.content if block.type == "tool_use"]

    def replay(content):
        return QUESTION + [{"role": "assistant", "content": content}, {"role": "user", "content": results}]

    assert said(put_together(model, replay(first.content))) == "The tools said: get_weather; get_time"
    raises(anthropic.BadRequestError, lambda: whole(model, replay(first.content[1:])), says="reasoning")


def test_usage():
    streamed_usage = put_together("reasoning-tokens-5-rate-0-cached-2").usage
    assert (streamed_usage.output_tokens, streamed_usage.cache_read_input_tokens) == (10, 2)
    assert whole("reasoning-tokens-5-cached-2").usage == streamed_usage


def test_citations_refusal_and_length():
    for answer in [put_together("citations-rate-0"), whole("citations")]:
        kinds = [block.type for block in answer.content]
        assert kinds[:2] == ["server_tool_use", "web_search_tool_result"]
        assert answer.content[0].input == {"query": "boiling point"}
        assert [result.title for result in answer.content[1].content] == ['Boiling "points"', "海拔与沸点"]
        cited = [citation.cited_text for block in answer.content[2:] for citation in block.citations or []]
        assert cited == ["Water boils at 100 °C at sea level.", "在高处，水的沸点更低。"]
        assert said(answer) == " ".join(cited)
    refused = put_together("refusal-rate-0")
    assert (refused.stop_reason, said(refused)) == ("refusal", "I cannot help with that. 抱歉。")
    assert put_together("mock-length-rate-0").stop_reason == "max_tokens"


def test_errors():
    for status, kind in [
        (400, anthropic.BadRequestError),
        (401, anthropic.AuthenticationError),
        (403, anthropic.PermissionDeniedError),
        (404, anthropic.NotFoundError),
        (413, anthropic.RequestTooLargeError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
        (529, anthropic.OverloadedError),
    ]:
        error = raises(kind, lambda: streamed(f"mock-error-{status}"), status=status, says="Scripted failure")
        assert error.request_id == "req_mock"
    error = raises(anthropic.APIStatusError, lambda: streamed("mock-rate-0-fail-3"), says="Overloaded")
    assert error.body["error"]["type"] == "overloaded_error"


def test_models():
    models = client.models.list()
    assert "mock" in [model.id for model in models] and not models.has_next_page()
    assert client.models.retrieve("mock-cut-3").id == "mock-cut-3"


def test_pictures_and_documents():
    """What Kaiwa's adapter sends is of the package's own types, and is sent unchanged."""
    messages = fixture("anthropic")
    TypeAdapter(list[MessageParam]).validate_python(messages)
    assert said(whole("echo", messages)) == "What is on these?"
    messages[0]["content"][1]["source"]["data"] = "AAAA"
    raises(anthropic.BadRequestError, lambda: whole("echo", messages), says="image/png")


if __name__ == "__main__":
    run(globals())
