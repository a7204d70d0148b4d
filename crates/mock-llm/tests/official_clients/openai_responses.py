"""The `openai` package reads responses."""

import json

import openai
from openai.types.responses import Response, ResponseInputItemParam, ResponseStreamEvent
from pydantic import TypeAdapter

from judge import CITY, KEY, ROOT, UNICODE, ZONE, fixture, look_closely, numbered, raises, run

client = openai.OpenAI(base_url=f"{ROOT}/v1", api_key=KEY, max_retries=0)
SEALED = {"include": ["reasoning.encrypted_content"], "store": False}


def whole(model, input=UNICODE, **more):
    return look_closely(Response, client.responses.create(model=model, input=input, **more))


def streamed(model, **more):
    stream = client.responses.create(model=model, input=UNICODE, stream=True, **more)
    return [look_closely(ResponseStreamEvent, event) for event in stream]


def put_together(model, **more):
    """The package's own way to put the events together."""
    with client.responses.stream(model=model, input=UNICODE, **more) as stream:
        for _ in stream:
            pass
        return stream.get_final_response()


def said(events):
    return "".join(event.delta for event in events if event.type == "response.output_text.delta")


def test_text():
    assert said(streamed("mock-tokens-50-rate-0")) == numbered("t", 50)
    assert put_together("mock-tokens-50-rate-0").output_text == numbered("t", 50)
    assert whole("mock-tokens-50").output_text == numbered("t", 50)


def test_unicode():
    for model in ["echo-rate-0", "echo-rate-0-utf8", "echo-rate-0-drip", "echo-rate-0-crlf-lines"]:
        assert said(streamed(model)) == UNICODE, model
    assert whole("echo").output_text == UNICODE


def test_reasoning():
    for answer in [put_together("reasoning-tokens-5-rate-0", **SEALED), whole("reasoning-tokens-5", **SEALED)]:
        thought = answer.output[0]
        assert (thought.type, thought.summary[0].text) == ("reasoning", numbered("r", 5))
        assert thought.encrypted_content and answer.output_text == numbered("t", 5)
    assert whole("reasoning-tokens-5").output[0].encrypted_content is None


def test_tool_calls():
    for model in ["tools-rate-0", "tools-rate-0-whole", "tools-rate-0-interleaved"]:
        for answer in [put_together(model), whole(model)]:
            calls = [(item.call_id, item.name, json.loads(item.arguments))
                     for item in answer.output if item.type == "function_call"]
            assert calls == [("call_0", "get_weather", CITY), ("call_1", "get_time", ZONE)], model


def test_answered_tool_calls_with_their_sealed_reasoning():
    model = "tools-thinking-strict-rate-0"
    first = put_together(model, **SEALED)
    results = [{"type": "function_call_output", "call_id": item.call_id, "output": item.name}
               for item in first.output if item.type == "function_call"]
    question = [{"role": "user", "content": "?"}]
    replayed = [item.to_dict() for item in first.output]
    assert whole(model, question + replayed + results).output_text == "The tools said: get_weather; get_time"
    without = [item for item in replayed if item["type"] != "reasoning"]
    raises(openai.BadRequestError, lambda: whole(model, question + without + results), says="reasoning")


def test_usage():
    usage = streamed("reasoning-tokens-5-rate-0-cached-2")[-1].response.usage
    assert (usage.output_tokens, usage.output_tokens_details.reasoning_tokens) == (10, 5)
    assert (usage.input_tokens_details.cached_tokens, usage.total_tokens) == (2, usage.input_tokens + 10)
    assert whole("reasoning-tokens-5-cached-2").usage == usage


def test_citations_refusal_and_length():
    for answer in [put_together("citations-rate-0"), whole("citations")]:
        search, message = answer.output
        assert search.action.query == "boiling point"
        text = message.content[0]
        cited = [text.text[note.start_index:note.end_index] for note in text.annotations]
        assert cited == ["Water boils at 100 °C at sea level.", "在高处，水的沸点更低。"]
    for answer in [put_together("refusal-rate-0"), whole("refusal")]:
        assert answer.output[0].content[0].refusal == "I cannot help with that. 抱歉。"
    assert streamed("mock-length-rate-0")[-1].response.incomplete_details.reason == "max_output_tokens"
    assert whole("blocked").incomplete_details.reason == "content_filter"


def test_errors():
    for status, kind in [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
    ]:
        raises(kind, lambda: streamed(f"mock-error-{status}"), status=status, says="Scripted failure")
    events = streamed("mock-rate-0-fail-3")
    assert (events[-1].type, events[-1].message) == ("error", "The model crashed.")
    raises(openai.BadRequestError, lambda: whole("mock", [{"type": "function_call_output", "call_id": "x", "output": ""}]))


def test_pictures_and_documents():
    """What Kaiwa's adapter sends is of the package's own types, and is sent unchanged."""
    items = fixture("responses")
    TypeAdapter(list[ResponseInputItemParam]).validate_python(items)
    assert whole("echo", items).output_text == "What is on these?"
    items[0]["content"][1]["image_url"] = "data:image/png;base64,AAAA"
    raises(openai.BadRequestError, lambda: whole("echo", items), says="image/png")


if __name__ == "__main__":
    run(globals())
