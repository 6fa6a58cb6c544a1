"""The embedder of the extra `embeddings`: a vector a token, averaged; no network and no neural net.

It reads the two files that the package wordllama ships and not its code, which sets up the logging
of the whole process when imported and fetches what it does not find.
"""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Sequence

_PACKAGE = "wordllama"
_WEIGHTS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
_TENSOR = "embedding.weight"
_NEEDED = (_PACKAGE, "numpy", "safetensors", "tokenizers")


class StaticModel:
    """WordLlama's 256 numbers a token (Miller 2024), an `Embedder`."""

    def __init__(self) -> None:
        """Find the files; they are read when first needed. Raises CodexGraphError."""
        missing = [name for name in _NEEDED if find_spec(name) is None]
        if missing:
            raise CodexGraphError(
                f"retrieval.embeddings is on but {missing[0]} is not installed: "
                "pip install 'codexgraph[embeddings]', or turn the setting off"
            )
        origin = find_spec(_PACKAGE)
        folder = Path(origin.origin or "").parent if origin else Path()
        self._files = tuple(folder / name for name in (_WEIGHTS, _TOKENIZER))
        absent = [path for path in self._files if not path.is_file()]
        if absent:
            raise CodexGraphError(
                f"{absent[0]} is not there, this {_PACKAGE} ships other files: "
                "pip install 'codexgraph[embeddings]'"
            )

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """The mean of each text's tokens, of length 1."""
        np, weights, tokenizer = self._loaded
        vectors = np.zeros((len(texts), weights.shape[1]), dtype=np.float32)
        encoded = tokenizer.encode_batch(list(texts), add_special_tokens=False)
        for row, text in enumerate(encoded):
            if text.ids:
                vectors[row] = weights[text.ids].mean(axis=0)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / np.where(lengths > 0, lengths, 1)).tolist()

    @cached_property
    def _loaded(self) -> tuple[Any, Any, Any]:
        """Numpy, the weights (tokens x 256) and the tokenizer.

        Imported by name, because the checks run where the extra is not installed.
        """
        np: Any = import_module("numpy")
        weights, tokenizer = self._files
        tensors: Any = import_module("safetensors.numpy").load_file(weights)
        tokens: Any = import_module("tokenizers").Tokenizer.from_file(str(tokenizer))
        return np, tensors[_TENSOR].astype(np.float32), tokens
