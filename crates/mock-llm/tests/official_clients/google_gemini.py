"""The `google-genai` package, which looks at every field by itself, reads Gemini."""

from google import genai
from google.genai import errors, types

from judge import CITY, KEY, ROOT, UNICODE, ZONE, fixture, numbered, raises, run

client = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=ROOT, api_version="v1beta"))


def whole(model, contents=UNICODE):
    return client.models.generate_content(model=model, contents=contents)


def streamed(model):
    return list(client.models.generate_content_stream(model=model, contents=UNICODE))


def parts(chunks):
    candidates = [candidate for chunk in chunks for candidate in chunk.candidates or []]
    return [part for candidate in candidates if candidate.content for part in candidate.content.parts or []]


def said(chunks, thought=None):
    return "".join(part.text or "" for part in parts(chunks) if part.thought == thought)


def calls(chunks):
    found = [part.function_call for part in parts(chunks) if part.function_call]
    return [(call.name, call.args) for call in found]


def test_text():
    assert said(streamed("mock-tokens-50-rate-0")) == numbered("t", 50)
    assert whole("mock-tokens-50").text == numbered("t", 50)


def test_unicode():
    for model in ["echo-rate-0", "echo-rate-0-utf8", "echo-rate-0-drip", "echo-rate-0-crlf"]:
        assert said(streamed(model)) == UNICODE, model
    assert whole("echo").text == UNICODE


def test_reasoning():
    for chunks in [streamed("reasoning-tokens-5-rate-0"), [whole("reasoning-tokens-5")]]:
        assert (said(chunks, True), said(chunks)) == (numbered("r", 5), numbered("t", 5))
        signatures = [part.thought_signature for part in parts(chunks) if part.thought_signature]
        assert signatures == [b"kaiwa-mock-signature"]


def test_tool_calls():
    for chunks in [streamed("tools-rate-0"), [whole("tools")]]:
        assert calls(chunks) == [("get_weather", CITY), ("get_time", ZONE)]


def test_answered_tool_calls():
    first = whole("tools-details-rate-0").candidates[0].content
    question = types.Content(role="user", parts=[types.Part(text="?")])
    names = [part.function_call.name for part in first.parts if part.function_call]
    assert [part.function_call.id for part in first.parts if part.function_call] == ["call_0", "call_1"]
    answers = [types.Part.from_function_response(name=name, response={"result": name}) for name in names]
    answer = whole("tools-rate-0", [question, first, types.Content(role="user", parts=answers)])
    assert answer.text == "The tools said: get_weather; get_time"


def test_answered_tool_calls_with_their_signatures():
    model = "tools-thinking-strict-rate-0"
    question = types.Content(role="user", parts=[types.Part(text="?")])
    for chunks in [streamed(model), [whole(model)]]:
        said_and_called = parts(chunks)
        names = [part.function_call.name for part in said_and_called if part.function_call]
        answers = [types.Part.from_function_response(name=name, response={"result": name}) for name in names]

        def replay(replayed):
            return [question, types.Content(role="model", parts=replayed), types.Content(role="user", parts=answers)]

        assert said([whole(model, replay(said_and_called))]) == "The tools said: get_weather; get_time"
        unsigned = [types.Part(function_call=part.function_call, text=part.text) for part in said_and_called]
        raises(errors.ClientError, lambda: whole(model, replay(unsigned)), status=400, says="reasoning")


def test_usage_and_end():
    for last in [streamed("reasoning-tokens-5-rate-0-cached-2")[-1], whole("reasoning-tokens-5-cached-2")]:
        usage = last.usage_metadata
        assert (usage.candidates_token_count, usage.thoughts_token_count, usage.cached_content_token_count) == (5, 5, 2)
        assert last.candidates[0].finish_reason == types.FinishReason.STOP
    assert streamed("mock-length-rate-0")[-1].candidates[0].finish_reason == types.FinishReason.MAX_TOKENS
    assert whole("refusal").candidates[0].finish_reason == types.FinishReason.SAFETY
    assert whole("blocked").prompt_feedback.block_reason == types.BlockedReason.PROHIBITED_CONTENT


def test_citations():
    for last in [streamed("citations-rate-0")[-1], whole("citations")]:
        grounding = last.candidates[0].grounding_metadata
        assert grounding.web_search_queries == ["boiling point"]
        assert [chunk.web.title for chunk in grounding.grounding_chunks] == ['Boiling "points"', "海拔与沸点"]
        assert [support.grounding_chunk_indices for support in grounding.grounding_supports] == [[0], [1]]


def test_errors():
    for status, kind in [(400, errors.ClientError), (403, errors.ClientError), (429, errors.ClientError),
                         (500, errors.ServerError), (503, errors.ServerError)]:
        for ask in [whole, streamed]:
            raises(kind, lambda: ask(f"mock-error-{status}"), status=status, says="Scripted failure")
    limited = raises(errors.ClientError, lambda: whole("mock-error-429-after-3"))
    assert limited.status == "RESOURCE_EXHAUSTED" and limited.details["error"]["details"][0]["retryDelay"] == "3s"
    raises(errors.ServerError, lambda: streamed("mock-rate-0-fail-3"), status=503, says="overloaded")


def test_models():
    models = list(client.models.list())
    assert "models/mock" in [model.name for model in models] and models[0].input_token_limit == 1048576
    assert client.models.get(model="mock").display_name == "Mock mock"


def test_pictures_and_documents():
    """The package, which refuses unknown fields, reads what Kaiwa's adapter sends, and sends it unchanged."""
    contents = [types.Content.model_validate(content) for content in fixture("gemini")]
    assert [part.inline_data.mime_type for part in contents[0].parts[1:]] == ["image/png", "application/pdf"]
    assert whole("echo", contents).text == "What is on these?"
    contents[0].parts[1].inline_data.data = b"???"
    raises(errors.ClientError, lambda: whole("echo", contents), status=400, says="image/png")


if __name__ == "__main__":
    run(globals())
