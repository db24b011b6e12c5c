"""What comes back from the browser: fractions, text, nothing, what the list no longer has.

The kernel takes the nearest whole position and goes on.
"""

import math
import queue

import ipywidgets
import pytest

from fronts import HAIR, NOWHERE, PLACES, says, walk
from helpers import arrivals
from helpers.against_G import against_G
from helpers.arrivals import whole_position, yes_or_no
from helpers.atlas import atlas
from helpers.descent import descend
from helpers.epsilon import epsilon_rule
from helpers.exercises.cards import predict
from helpers.exercises.predictions import Prediction
from helpers.explorer import explore
from helpers.explorer.goals import reach
from helpers.hypotenuse import PRESETS, hypotenuse
from helpers.memory_bars import memory_bars
from helpers.network import digits
from helpers.podium import podium
from helpers.race import race_on
from helpers.race_figure import fair_race
from helpers.surfaces import bowl, ravine
from helpers.update_rules import gradient_descent, rmsprop
from messages import check_readout

LISTS = [arrivals.SelectionSlider, arrivals.Dropdown, arrivals.ToggleButtons]
KERNEL = """
import json, sys
from helpers.explorer import explore
from helpers.surfaces import ravine
from helpers.update_rules import rmsprop
figure = explore(rmsprop, on=ravine, steps=20, start_at={"eta": 0.4})
slider = figure.controls["eta"].widgets[0]
"""


@pytest.mark.parametrize("said, count, place", PLACES, ids=lambda x: repr(x)[:20])
def test_what_is_said_comes_to_the_nearest_whole_position(said, count, place):
    assert whole_position(said, count) == place and type(whole_position(said, count)) is type(place)


@pytest.mark.parametrize("said", NOWHERE, ids=repr)
def test_what_is_no_place_comes_to_none(said):
    assert whole_position(said, 35) is None


def test_yes_and_no_in_every_spelling():
    assert [yes_or_no(said) for said in (True, "true", "True", 1, "1", False, " false ", 0)] == [True] * 5 + [
        False
    ] * 3
    assert [yes_or_no(said) for said in (None, "", "maybe", 2, math.nan, [], {})] == [None] * 7


@pytest.mark.parametrize("made", LISTS)
@pytest.mark.parametrize("count", [2, 9, 35, 41])
def test_a_list_stands_at_every_position_that_a_front_end_says_a_hair_beside(made, count):
    control = made(options=[(f"η = {k}", k / 10) for k in range(count)], index=count // 2)
    for off in (HAIR, -HAIR, 2 * HAIR, 0.3, -0.3):
        for i in range(count):
            says(control, index=i + off)
            assert (control.index, control.value, control.label) == (i, i / 10, f"η = {i}")


@pytest.mark.parametrize("made", LISTS)
def test_a_list_stays_where_it_is_at_what_is_no_place_and_hears_the_same_once(made):
    control, heard = made(options=list("abcde"), index=1), []
    control.observe(lambda change: heard.append(change["new"]), "index")
    for said in NOWHERE:
        says(control, index=said)
    assert control.index == 1 and heard == []
    for said in (3, 3, 3.0000000000000004, "3", 99, 4, -1):
        says(control, index=said)
    assert heard == [3, 4, 0]
    control.options = list("ab")  # a message that was on its way when the list changed
    says(control, index=4)
    assert control.index == 1 and control.value == "b"


@pytest.mark.parametrize("made", LISTS)
def test_a_front_end_shows_these_as_the_ordinary_widgets_that_they_are(made):
    control, plain = made(options=["a", "b"]), getattr(ipywidgets, made.__name__)(options=["a", "b"])
    names = (
        "_model_name",
        "_view_name",
        "_model_module",
        "_view_module",
        "_model_module_version",
        "_options_labels",
        "index",
    )
    assert [getattr(control, name) for name in names] == [
        getattr(plain, name) for name in names
    ] and isinstance(control, type(plain))


def test_python_is_still_told_what_is_wrong():
    slider = arrivals.SelectionSlider(options=["a", "b"])
    for wrong in (2, 0.5, "1"):
        with pytest.raises(Exception, match="index"):
            slider.index = wrong


def test_a_kernel_answers_a_fraction_with_no_message_and_no_error():
    """Over a kernel's real channels: the slider hears comm messages, and what it answers is read off."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    try:
        assert (
            client.execute_interactive(KERNEL, timeout=120, output_hook=lambda _: None)["content"]["status"]
            == "ok"
        )
        found = client.execute_interactive("", user_expressions={"id": "slider.model_id"}, timeout=60)[
            "content"
        ]["user_expressions"]["id"]["data"]["text/plain"].strip("'")
        for index in (
            20.000000000000004,
            19.999999999999996,
            3.0000000000000004,
            3,
            33.99999999999999,
            None,
            "5",
            "nonsense",
            99,
        ):
            data = {"method": "update", "state": {"index": index}, "buffer_paths": []}
            client.shell_channel.send(client.session.msg("comm_msg", {"comm_id": found, "data": data}))
        got, answers = (
            client.execute(
                "", user_expressions={"at": "slider.index, len(slider.options), figure.runs and None"}
            ),
            [],
        )
        while True:
            try:
                message = client.get_iopub_msg(timeout=60)
            except queue.Empty:
                pytest.fail("the kernel does not answer")
            if (
                message["parent_header"].get("msg_id") == got
                and message["content"].get("execution_state") == "idle"
            ):
                break
            answers.append(message)
        kinds = [
            (m["msg_type"], m["content"].get("data", {}).get("method"))
            for m in answers
            if m["msg_type"] in ("error", "stream", "comm_msg")
        ]
        assert not [
            kind for kind in kinds if kind not in (("comm_msg", "echo_update"), ("comm_msg", "update"))
        ], answers
        told = [
            m["content"]["data"]["state"]
            for m in answers
            if m["msg_type"] == "comm_msg" and m["content"]["comm_id"] == found
        ]
        assert all(isinstance(state["index"], int) for state in told)
        updates = [
            m["content"]
            for m in answers
            if m["msg_type"] == "comm_msg"
            and m["content"]["data"]["method"] == "update"
            and m["content"]["comm_id"] == found
        ]
        assert len(updates) <= 9, "more answers than there were messages"
        reply = client.get_shell_msg(timeout=60)
        while reply["parent_header"].get("msg_id") != got:
            reply = client.get_shell_msg(timeout=60)
        at, many, _ = eval(reply["content"]["user_expressions"]["at"]["data"]["text/plain"])
        assert at == many - 1
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def figures():
    yield explore(
        rmsprop,
        ghost=gradient_descent,
        on={"bowl": bowl, "ravine": ravine},
        steps=12,
        eta=[0.1, 0.4, 0.5],
        beta=[0.5, 0.9],
        eps=[0, 1e-8, 0.1],
    )
    yield against_G(epsilon_rule)
    yield memory_bars()
    yield hypotenuse(rmsprop)
    yield fair_race({"ravine": ravine, "bowl": bowl}, horizons=[10, 20], etas=[0.1, 0.2, 0.4])


def test_every_control_of_every_kind_of_figure_takes_what_a_front_end_writes():
    for figure in figures():
        walk(figure, check_readout if hasattr(figure, "engine") else lambda figure: None)


def test_an_explorer_hears_messages_that_make_no_sense_and_goes_on():
    figure, told = (
        explore(rmsprop, on=ravine, steps=12, eta=[0.1, 0.4], beta=[0.5, 0.9], goal=reach(1e-3, within=10)),
        [],
    )
    figure.canvas.send = lambda message, buffers=None: told.append(message)
    before, count = figure.readout, figure.engine.lanes[0].count
    for message in (
        {"kind": "step", "step": None},
        {"kind": "step"},
        {"kind": "need", "positions": [[0, [None, "x", count + 4, -2.6e9]], [7, [0]], ["0", [1]]]},
        {"kind": "need"},
        {"kind": "goal", "generation": 1, "position": None},
        {"kind": "goal"},
        {"kind": "goal", "generation": -1, "position": 0},
        {"kind": "something new"},
        {},
    ):
        figure._hear(None, message, [])
        assert figure.readout == before and told == [], message
    for step, at in ((5.000000000000001, 5), ("7", 7), (99, 12), (-1, 0)):
        figure._hear(None, {"kind": "step", "step": step}, [])
        assert figure.step == at
    figure._hear(None, {"kind": "need", "positions": [[0, [1.0000000000000002, count - 1]]]}, [])
    check_readout(figure)
    start = figure.start
    for at in (None, [0.5], [0.1, None], "abc", [0.1, 0.2, 0.3], [math.nan, 0.5]):
        told.clear()
        figure._hear(None, {"kind": "start", "at": at, "final": True}, [])
        assert (figure.start == start).all() and "the start cannot be moved to" in told[0]["text"]
    figure._hear(None, {"kind": "start", "at": [0.25, 0.75], "final": True}, [])
    assert (figure.start != start).any()
    check_readout(figure)


def test_a_picture_takes_from_a_page_what_the_page_may_write_and_nothing_else():
    laid = hypotenuse(rmsprop)
    many, data = len(laid.gradients), laid.canvas.data
    for said, cursor in ((1.0000000000000002, 1), ("2", 2), (None, 2), (99, many), (-HAIR, 0)):
        says(laid.canvas, cursor=said)
        assert laid.cursor == cursor and laid.readout
    says(laid.canvas, data=None, problem=3, controls={}, _esm="")
    assert laid.canvas.data == data and laid.problem == "" and laid.canvas._esm
    for said in (None, 3, []):
        says(laid.text, value=said)
        assert (
            laid.text.value == ", ".join(f"{g:.12g}" for g in laid.gradients)
            or laid.text.value in PRESETS.values()
        )
    explorer = explore(rmsprop, on=ravine, steps=5)
    kept = explorer.canvas.spec, explorer.canvas.near
    says(explorer.canvas, spec={}, near=None, rest=None, uid=4)
    assert (explorer.canvas.spec, explorer.canvas.near) == kept


def test_a_table_and_a_card_take_only_answers_that_they_offer():
    table = podium([("ravine", race_on(ravine, [10], [0.1, 0.4], (rmsprop,)), 10)], "the end")
    who = table.choices[0]
    says(table.canvas, state={"said": [who]})
    for state in (None, {}, {"said": None}, {"said": []}, {"said": [who, who]}, "x"):
        says(table.canvas, state=state)
        assert table.said == [who] and table.filled
    says(table.canvas, state={"said": ["nobody I know"]})
    assert table.said == [None] and "0 of 1" in table.readout

    number = predict(Prediction("n", "06", "How much?", lambda: 0.5, "So it is."), memory_bars())
    choice = predict(
        Prediction("c", "06", "Which?", lambda: "a", "So it is.", choices=("a", "b"), because={"b": "No."}),
        memory_bars(),
    )
    for card, value in ((number, 0.5), (choice, "a")):
        for state in (
            None,
            {},
            {"open": None},
            {"said": "x", "value": None, "open": True},
            {"said": "x", "value": [], "open": True},
            {"said": 3, "value": value, "open": True},
            {"said": "c", "value": "c", "open": True},
        ):
            says(card.card, state=state)
            assert not card.seen and card.said is None, state
        says(card.card, state={"said": str(value), "value": str(value), "open": True})
        assert card.right and card.card.state["value"] == value
        says(card.card, state={"said": None, "value": None, "open": "false"})
        assert not card.seen


def test_the_map_of_a_network_stays_where_it_is_at_what_is_no_place():
    shown = atlas(descend(gradient_descent, digits, 2, eta=1.0))
    now = {"network": 0, "quantity": "step", "weight": 7, "frame": 1}
    shown._hear(
        None,
        {
            "kind": "at",
            "generation": shown.generation,
            "at": {**now, "weight": 7.000000000000001, "frame": "1"},
        },
        [],
    )
    assert (shown.weight, shown.step, shown.quantity) == (7, 1, "step")
    for at in (
        None,
        {},
        [],
        {"network": None, "quantity": None, "weight": "x", "frame": math.nan},
        {"quantity": ["step"]},
    ):
        shown._hear(None, {"kind": "at", "generation": shown.generation, "at": at}, [])
        assert (shown.weight, shown.step, shown.quantity, shown.network) == (7, 1, "step", 0)
    shown._hear(
        None, {"kind": "at", "generation": shown.generation, "at": {**now, "weight": 10**9, "network": 5}}, []
    )
    assert shown.weight == digits.n - 1 and shown.network == 0 and shown.readout
    shown._hear(None, {"kind": "at", "generation": shown.generation - 1, "at": now}, [])  # of the runs before
    assert shown.weight == digits.n - 1
