"""Names are found by characters, pinyin, initials and any mixture, by all usual readings."""

from __future__ import annotations

import random
import re

import pytest

from fengsui.features.access import EVERY_CLASS, CameraClass, Scope
from fengsui.features.cameras.asked import Asked
from fengsui.features.cameras.search_index import BLOCK, Entry, Group, SearchIndex, arranged, search, tag_pattern, word_of
from fengsui.features.cameras.spelling import pattern_of, sorted_by, spelled

FOUND = {
    "南明区": ("nmq", "nanmingqu", "nanm", "nanmq", "naming", "南m", "n明", "南明", "mingqu", "NMQ"),
    "南门路口": ("nm路口", "nmlk", "nanmenlukou", "南menlu口", "门lk"),
    "重庆路与长江路": ("cqlycjl", "zhongqing", "chongqing", "cql", "zql", "changjiang", "zhangjiang"),
    "厦门街": ("xmj", "smj", "xiamen", "shamen"),
    "都司高架A3": ("dsgj", "dousigaojia", "dusi", "gja3", "高架a3", "A3", "3"),
    "旅游路12号": ("lvyou", "lyl12h", "12h"),
    "K3+200 球机": ("k3+200", "k3", "200qiuji", "qj"),
    "\u3000贵阳ABC": ("gyabc", "贵阳abc"),
}
NOT_FOUND = {
    "南明区": ("mnq", "anming", "nq", "qu南", "南区"),
    "厦门街": ("xsj", "menxj"),
    "K3+200 球机": ("k32", "3k"),
}


def finds(word: str, name: str) -> bool:
    return re.search(pattern_of(word), spelled(name)) is not None


@pytest.mark.parametrize(("name", "words"), FOUND.items())
def test_a_name_is_found_by_any_mixture(name: str, words: tuple[str, ...]) -> None:
    assert [word for word in words if not finds(word, name)] == []


@pytest.mark.parametrize(("name", "words"), NOT_FOUND.items())
def test_and_by_nothing_else(name: str, words: tuple[str, ...]) -> None:
    assert [word for word in words if finds(word, name)] == []


def test_whatever_is_typed_makes_an_expression() -> None:
    for word in ("(", "[a", "\\", "a{2}", ".*", "中(", "\x1f", "\x00", "😀", "ß", "ⅷ"):
        re.compile(pattern_of(word))
    assert not finds(".*", "南明区") and finds("😀路", "😀路")


def entry(number: int, name: str, *, area: str = "520102", tags: tuple[str, ...] = (), device: str = "d", own: str = "") -> Entry:
    return Entry(f"5201020000132{number:07d}", Group(area, "", device, "ON"), own or name, name, tags)


def codes(index: SearchIndex, text: str, names: dict[str, str] | None = None) -> list[int]:
    asked = Asked.of(text)
    words = [found for word in asked.words if (found := word_of(word, names or {})) is not None]
    blocks, groups = index.snapshot()
    found = search(blocks, groups, lambda _: True, words, [tag_pattern(tag) for tag in sorted(asked.tags)])
    return [int(code[-7:]) for code, _ in found]


def test_the_best_come_first_and_every_word_must_fit() -> None:
    index = SearchIndex()
    names = ["东北京路", "北京路口", "碧津路", "中北京路", "解放路"]
    index.fill(entry(number, name) for number, name in enumerate(names))
    assert codes(index, "北京") == [1, 0, 3], "what begins with it, then what holds it, by code"
    assert codes(index, "bjl") == [1, 2, 0, 3]
    assert codes(index, "5201020000132" + "0000003") == [3] and codes(index, "0000003 北京") == [3]
    assert codes(index, "北京 口") == [1] and codes(index, "北京 解放") == []
    assert codes(index, "nmq", {"520102": spelled("南明区")}) == [0, 1, 2, 3, 4], "by the name of its area too"
    assert codes(index, "nmq 解放", {"520102": spelled("南明区")}) == [4]


def test_own_names_reported_names_and_tags_are_found() -> None:
    index = SearchIndex()
    index.fill([entry(1, "IPC-7", own="实验小学东门", tags=("学校", "护学岗")), entry(2, "学校路"), entry(3, "菜场")])
    assert codes(index, "sydm") == [] and codes(index, "syxxdm") == [1]
    assert codes(index, "ipc7") == [] and codes(index, "ipc-7") == [1]
    assert codes(index, "学校") == [2, 1], "a name that begins so before a tag"
    assert codes(index, "tag:学校") == codes(index, "标签:xuexiao") == codes(index, "标签:hxg") == [1]
    assert codes(index, "tag:学校 菜") == [] and codes(index, "tag:岗") == []


def test_the_index_follows_changes_over_many_blocks() -> None:
    index = SearchIndex()
    count = 3 * BLOCK
    index.fill(entry(2 * number, f"路口{number}号") for number in range(count))
    assert len(index) == count and len(codes(index, "lk")) == count
    gone, fresh = entry(2, "").code, entry(2 * BLOCK + 1, "新桥")
    index.replace([gone, fresh.code, "9"], [fresh])
    assert codes(index, "xq") == [2 * BLOCK + 1] and len(index) == count and codes(index, gone) == []
    more = [entry(2 * number + 1, "隧道") for number in range(2 * BLOCK)]
    index.replace([one.code for one in more], more)
    assert len(codes(index, "sd")) == 2 * BLOCK and all(len(block.codes) <= BLOCK for block in index.blocks)
    everything = [code for block in index.blocks for code in block.codes]
    assert everything == sorted(everything)
    index.replace(everything, [])
    assert len(index) == 0 and codes(index, "lk") == []
    index.replace([fresh.code], [fresh])
    assert codes(index, "xinqiao") == [2 * BLOCK + 1]


@pytest.mark.parametrize("seed", range(8))
def test_any_order_of_any_index_is_what_sorting_everything_gives(seed: int) -> None:
    chance = random.Random(seed)
    made: dict[int, Entry] = {}
    index = SearchIndex()

    def one(number: int) -> Entry:
        name = "".join(chance.choices(["南", "门", "a", "B", "9", "10", "重", " "], k=chance.randrange(1, 5)))
        return entry(number, name, area=chance.choice(["520102", "520103", ""]), device=chance.choice("xyz"))

    for number in range(chance.choice([0, 1, 50, BLOCK + 700])):
        made[number] = one(number)
    index.fill(made.values())
    for _ in range(5):
        numbers = [chance.randrange(BLOCK * 2) for _ in range(chance.randrange(200))]
        for number in numbers:
            made.pop(number, None)
            if chance.random() < 0.7:
                made[number] = one(number)
        index.replace([entry(number, "").code for number in numbers], [made[number] for number in set(numbers) if number in made])
    everything = [made[number] for number in sorted(made)]
    blocks, groups = index.snapshot()
    orders = {
        "code": (None, lambda one: one.code),
        "area": (lambda group: group.area, lambda one: one.group.area),
        "name": (None, lambda one: sorted_by(one.name)),
    }
    for by, (order, key) in orders.items():
        for down in (False, True):
            found = arranged(
                blocks, groups, lambda group: group.device != "y", [], [], order, by=by if by == "name" else "", down=down
            )
            kept = [one for one in everything if one.group.device != "y"]
            wanted = sorted(kept, key=key, reverse=down)
            assert found == [(one.code, one.group.device) for one in wanted], (by, down)


def test_names_are_put_in_order_by_pinyin_and_numbers_by_what_they_count() -> None:
    names = ["中山路", "北京路10号", "北京路9号", "Apple", "安顺路", "zebra", "123", "八角岩"]
    assert sorted(names, key=sorted_by) == ["123", "安顺路", "Apple", "八角岩", "北京路9号", "北京路10号", "zebra", "中山路"]


def test_states_are_words_too() -> None:
    bare = Asked.of("离线 #学校 路口 #")
    assert (bare.states, bare.tags, bare.words) == ({"offline"}, {"学校"}, ("路口", "#"))
    asked = Asked.of("状态：离线  state:fault 路口 标签:学校 state: x:y", tags=["a"])
    assert (asked.states, asked.tags, asked.words) == ({"offline", "fault"}, {"学校", "a"}, ("路口", "state:", "x:y"))
    assert Asked.of("  ").narrows is False and Asked.of("", area="52").narrows is False
    assert Scope((("52", EVERY_CLASS),)).holds("520102", CameraClass.GOVERNMENT)
