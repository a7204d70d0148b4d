#!/bin/sh
# Starts a llama.cpp server with a tiny random model, for the tests in tests/adapter/peer.rs.
#
#   crates/llm/tests/peer/serve.sh FOLDER [PORT]
#
# FOLDER keeps what is built and made: the first run compiles llama.cpp, which takes a few minutes on two cores and
# needs Python 3 and a C++ compiler; later runs start at once. Runs in the foreground; stop it to stop the server.
set -eu

folder=${1:?"usage: serve.sh FOLDER [PORT]"}
port=${2:-9081}
here=$(cd "$(dirname "$0")" && pwd)

mkdir -p "$folder"
if ! "$folder/venv/bin/python" -c 'import llama_cpp.server, gguf' 2>/dev/null; then
    python3 -m venv "$folder/venv"
    # For any CPU and barely optimised: the model has two layers, the compiler is what takes the time.
    CMAKE_ARGS="-DLLAVA_BUILD=OFF -DGGML_NATIVE=OFF -DGGML_OPENMP=OFF -DCMAKE_C_FLAGS_RELEASE=-O1 -DCMAKE_CXX_FLAGS_RELEASE=-O1" \
        "$folder/venv/bin/pip" install --quiet 'llama-cpp-python[server]==0.3.36' 'gguf==0.19.0' 'numpy==2.4.6'
fi
"$folder/venv/bin/python" "$here/tiny_gguf.py" "$folder/tiny.gguf"

# Killing this script must not leave the server behind, so it becomes the server.
echo "LLAMA_SERVER_URL=http://127.0.0.1:$port/v1"
exec "$folder/venv/bin/python" -m llama_cpp.server --model "$folder/tiny.gguf" --model_alias tiny \
    --host 127.0.0.1 --port "$port" --n_ctx 256
