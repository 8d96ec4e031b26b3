"""Export EmbeddingGemma (sentence-transformers layout) as one small int8 ONNX graph.

    python export_gemma.py --model FOLDER --out FOLDER [--adapter FILE.npz]

Stand-alone: run by its path in a throw-away environment that has torch, sentence-transformers,
onnx, onnxscript and onnxruntime. At run time only onnxruntime and tokenizers are needed.

The graph is the whole pipeline: transformer, mean over the tokens of the mask, two linear layers
without bias or activation, unit length; the transformer's last states, a row a token, are a second
output, for late interaction (knowledge/late.py). An adapter (evals/teaching) is added to the
weights before. Writes model.onnx, tokenizer.json and model.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentence_transformers import SentenceTransformer

# What a loader must know; the prompts are those of config_sentence_transformers.json.
CONTRACT: dict[str, Any] = {
    "file": "model.onnx",
    "input_ids": "input_ids",
    "attention_mask": "attention_mask",
    "output": "sentence_embedding",
    "token_output": "token_states",
    "dimensions": 768,
    "max_tokens": 2048,
    "pad_id": 0,
    "query_prompt": "task: search result | query: ",
    "passage_prompt": "title: none | text: ",
}
ENOUGH = 0.96  # mean cosine to fp32 under which the int8 graph is refused
SENTENCES = (
    "Mon lave-vaisselle affiche le code E vingt-quatre.",
    "La machine ne vidange plus, il reste de l'eau au fond.",
    "Comment nettoyer le filtre de la pompe ?",
    "Le four ne chauffe pas assez.",
    "Le tambour ne tourne plus et la porte reste bloquée.",
    "Vérifiez que le tuyau de vidange n'est ni plié ni bouché.",
    "Débranchez l'appareil avant toute intervention.",
    "Le réfrigérateur fait du bruit la nuit.",
    "Température maximale de lavage : soixante degrés.",
    "Où trouver la référence de mon appareil ?",
)


class Pipeline(torch.nn.Module):  # type: ignore[misc]  # no torch where this is checked
    """Token ids and mask, int64 [batch, tokens] → unit vectors and the states of the tokens.

    The vectors are float32 [batch, 768], the states float32 [batch, tokens, 768].
    """

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.transformer = model[0].auto_model
        self.first = model[2].linear
        self.second = model[3].linear

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Embed a batch."""
        states = self.transformer(input_ids=input_ids, attention_mask=attention_mask)[0]
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        vector = torch.nn.functional.normalize(self.second(self.first(mean)), dim=-1)
        return vector, states * mask


def adapt(model: SentenceTransformer, file: Path) -> int:
    """Add an adapter to the weights; returns how many matrices it changed.

    Raises:
        KeyError, RuntimeError: It is not of this model.
    """
    weights = dict(model[0].auto_model.named_parameters())
    with np.load(file) as stored, torch.no_grad():
        names = [name.removesuffix(".a") for name in stored.files if name.endswith(".a")]
        for name in names:
            low = stored[f"{name}.a"] * stored[f"{name}.a_scale"]
            high = stored[f"{name}.b"] * stored[f"{name}.b_scale"]
            weights[f"{name}.weight"] += torch.from_numpy((high @ low).astype(np.float32))
    return len(names)


def load(folder: Path) -> SentenceTransformer:
    """Load the model and make sure that it is the pipeline that is rebuilt here.

    Raises:
        ValueError: Other modules, a bias or an activation.
    """
    model = SentenceTransformer(
        str(folder),
        device="cpu",
        model_kwargs={"attn_implementation": "eager", "dtype": torch.float32},
    )
    kinds = [type(module).__name__ for module in model]
    dense = [model[i] for i in (2, 3)] if len(kinds) == 5 else []
    if kinds != ["Transformer", "Pooling", "Dense", "Dense", "Normalize"] or any(
        layer.linear.bias is not None
        or not isinstance(layer.activation_function, torch.nn.Identity)
        for layer in dense
    ):
        raise ValueError(f"{folder} is not EmbeddingGemma: its modules are {kinds}")
    return model.eval()


def export(model: SentenceTransformer, out: Path) -> None:
    """Write the fp32 graph; its weights stand beside it."""
    pipeline = Pipeline(model).eval()
    ids = torch.randint(5, 1000, (2, 12), dtype=torch.int64)
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    batch, tokens = torch.export.Dim("batch", max=1024), torch.export.Dim("tokens", max=2048)
    with torch.no_grad():
        torch.onnx.export(
            pipeline,
            (ids, mask),
            str(out),
            dynamo=True,
            external_data=True,
            input_names=[CONTRACT["input_ids"], CONTRACT["attention_mask"]],
            output_names=[CONTRACT["output"], CONTRACT["token_output"]],
            dynamic_shapes=({0: batch, 1: tokens}, {0: batch, 1: tokens}),
        )


def quantise(source: Path, out: Path) -> None:
    """int8 weights for MatMul and Gather, a scale per channel; one file."""
    quantize_dynamic(
        str(source),
        str(out),
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul", "Gather"],
        extra_options={"MatMulConstBOnly": True},
    )


def strip(file: Path) -> None:
    """Drop the exporter's notes (stack traces, paths of this machine): same input, same bytes."""
    model = onnx.load(str(file))
    graph: Any = model.graph
    for entry in (*graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        del entry.metadata_props[:]
        entry.doc_string = ""
    del graph.metadata_props[:]
    part = file.with_suffix(".part")
    part.write_bytes(model.SerializeToString(deterministic=True))
    part.replace(file)


def mean_cosine(model: SentenceTransformer, graph: Path) -> float:
    """Mean cosine of the graph's vectors with the original's, over SENTENCES."""
    texts = [CONTRACT["query_prompt"] + sentence for sentence in SENTENCES]
    expected = model.encode(texts, prompt="", normalize_embeddings=True)
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    cosines = []
    for text, vector in zip(texts, expected, strict=True):
        ids = np.array([model.tokenizer(text)["input_ids"]], np.int64)
        feed = {CONTRACT["input_ids"]: ids, CONTRACT["attention_mask"]: np.ones_like(ids)}
        cosines.append(float(session.run([CONTRACT["output"]], feed)[0][0] @ vector))
    return float(np.mean(cosines))


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, export, quantise, check."""
    parser = argparse.ArgumentParser(description="Export EmbeddingGemma as int8 ONNX.")
    parser.add_argument("--model", type=Path, required=True, help="sentence-transformers folder")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--adapter", type=Path, help="adapter.npz, added to the weights")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    model = load(given.model)
    if given.adapter:
        print(f"adapted {adapt(model, given.adapter)} matrices", flush=True)
    with tempfile.TemporaryDirectory(dir=given.out, prefix="fp32-") as scratch:
        full = Path(scratch) / "full.onnx"
        export(model, full)
        print("exported", flush=True)
        target = given.out / CONTRACT["file"]
        quantise(full, target)
        strip(target)
        print("quantised", flush=True)
    onnx.checker.check_model(str(target))
    cosine = mean_cosine(model, target)
    print(f"mean cosine to fp32: {cosine:.4f}", flush=True)
    if not cosine >= ENOUGH:
        sys.exit(f"the int8 graph is too far from the original: mean cosine {cosine:.4f}")
    shutil.copyfile(given.model / "tokenizer.json", given.out / "tokenizer.json")
    text = json.dumps(CONTRACT, ensure_ascii=False, indent=1)
    (given.out / "model.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
