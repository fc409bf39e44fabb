"""Asterisk's configuration format and dialplan as data: what the auditor reads before it judges."""

from telephony.asterisk.audit.conf import included, read_configuration
from telephony.asterisk.audit.dialplan import shown_dialplan, written_dialplan
from telephony.asterisk.audit.expressions import (
    application,
    arguments,
    branches,
    checked,
    options,
    pattern_regex,
    variables,
)
from telephony.asterisk.audit.flow import reach

PJSIP = """
; a comment
[phone](!)                 ; a template
type = endpoint
context => phones
[strict](!,phone)
direct_media = no
[seat1](strict)
auth = seat1
direct_media=yes ; the last one wins
;-- all of this
[ghost]
type = endpoint
;-- nested --; still away --;
[seat1]
type = auth
password = a\\;b
[seat1](+type=endpoint)
callerid = <1>
"""


def test_sections_templates_additions_and_comments():
    read = read_configuration({"pjsip.conf": PJSIP}, "pjsip.conf")
    assert [(section.name, section.value("type")) for section in read.real()] == [
        ("seat1", "endpoint"),
        ("seat1", "auth"),
    ]
    endpoint, auth = read.real()
    assert endpoint.value("context") == "phones"
    assert endpoint.value("direct_media") == "yes"
    assert endpoint.value("callerid") == "<1>"
    assert endpoint.place("context") == "pjsip.conf:5"
    assert endpoint.place("rtp_timeout") == "pjsip.conf:8"
    assert auth.value("password") == "a;b"


def test_a_comment_line_of_dashes_is_no_block():
    read = read_configuration({"x.conf": ";---------\n[a]\nb = 1\n;--x--;c = 2\n"}, "x.conf")
    assert [(entry.key, entry.value) for entry in read.sections[0].entries] == [("b", "1"), ("c", "2")]


def test_includes_are_read_in_their_place_and_missing_ones_are_told():
    files = {
        "extensions.conf": '[a]\n#include "more/*.conf"\nexten => b,1,NoOp()\n#tryinclude none.conf\n'
        "#include gone.conf\n#exec /bin/x\n",
        "more/1.conf": "exten => one,1,NoOp()\n",
        "more/2.conf": "[c]\nexten => two,1,NoOp()\n#include more/2.conf\n",
    }
    read = read_configuration(files, "extensions.conf")
    assert [(section.name, [entry.value for entry in section.entries[:2]]) for section in read.sections[:2]] == [
        ("a", ["one,1,NoOp()"]),
        ("c", ["two,1,NoOp()"]),
    ]
    assert ("#include gone.conf", "extensions.conf:5") in read.unread
    assert ("#exec /bin/x", "extensions.conf:6") in read.unread
    assert ("#include more/2.conf", "more/2.conf:3") in read.unread, "a loop of includes ends and is told"
    assert not [what for what, _ in read.unread if "none.conf" in what]
    assert list(included(files["extensions.conf"])) == ["more/*.conf", "none.conf", "gone.conf"]


def test_dialplan_lines_in_every_spelling():
    plan = written_dialplan(
        {
            "extensions.conf": """
[a]
exten => 1,1,Answer
exten => 1,n(here),Dial(PJSIP/x,20,r)
 same => n,ExecIf($["${A}" = "b,c"]?Hangup(21):Dial(PJSIP/y))
exten = 1/33199000000,20,NoOp
same => hint,PJSIP/x
include => b,9:00-17:00,mon-fri,*,*
switch => Realtime/x@y
exten => _X.,1,Goto(a,1,here)
"""
        }
    )
    steps = [(step.exten, step.priority, step.label, step.app, step.data) for step in plan.steps()]
    assert steps == [
        ("1", 1, "", "Answer", ""),
        ("1", 2, "here", "Dial", "PJSIP/x,20,r"),
        ("1", 3, "", "ExecIf", '$["${A}" = "b,c"]?Hangup(21):Dial(PJSIP/y)'),
        ("1", 20, "", "NoOp", ""),
        ("_X.", 1, "", "Goto", "a,1,here"),
    ]
    third = list(plan.steps())[2]
    assert third.calls() == [("execif", third.data), ("hangup", "21"), ("dial", "PJSIP/y")]
    assert plan.contexts["a"].includes == [("b", "extensions.conf:8")]
    assert plan.contexts["a"].switches == [("Realtime/x@y", "extensions.conf:9")]
    assert reach(plan, list(plan.steps())[-1]).apps() >= {"goto", "dial", "execif", "hangup"}


def test_what_the_console_shows_is_the_same_dialplan():
    plan = shown_dialplan(
        """[ Context 'record' created by 'pbx_config' ]
  's' =>            1. GotoIf($["${A}" = "b"]?fresh)              [extensions.conf:68]
                    2. Hangup(29)                                 [extensions.conf:71]
     [fresh]        3. Set(FILE=/x/${RECUUID})                    [extensions.conf:72]
  '_pX' (CID match '1') => 1. NoOp([x])                           [pbx_config]
  Include =>        'void'                                        [pbx_config]

[ Context '__func_periodic_hook_context__' created by 'func_periodic_hook' ]
  'hook' =>         1. ChanSpy(${A},qEB)                          [func_periodic_hook]

-= 5 extensions (67 priorities) in 4 contexts. =-
"""
    )
    assert [(step.exten, step.priority, step.label, step.app, step.data) for step in plan.steps()] == [
        ("s", 1, "", "GotoIf", '$["${A}" = "b"]?fresh'),
        ("s", 2, "", "Hangup", "29"),
        ("s", 3, "fresh", "Set", "FILE=/x/${RECUUID}"),
        ("_pX", 1, "", "NoOp", "[x]"),
    ]
    assert plan.contexts["record"].includes == [("void", "running")]
    assert [step.app for step in reach(plan, next(plan.steps())).steps] == ["GotoIf", "Hangup", "Set"]


def test_expressions():
    assert application("Dial(PJSIP/a(b),1)") == ("Dial", "PJSIP/a(b),1")
    assert application("Hangup") == ("Hangup", "")
    assert arguments("PJSIP/${CUT(A,/,1)},20,irb(record^s^1)") == ["PJSIP/${CUT(A,/,1)}", "20", "irb(record^s^1)"]
    assert options("irb(record^s^1)U(x^${IF($[1]?2:3)})T") == {
        "i": "",
        "r": "",
        "b": "record^s^1",
        "U": "x^${IF($[1]?2:3)}",
        "T": "",
    }
    assert branches('$[${REGEX("^[0-9]?$" ${A})} = 0]?no:yes,1') == ('$[${REGEX("^[0-9]?$" ${A})} = 0]', "no", "yes,1")
    assert variables("PJSIP/${CANON}@${TRUNK}-${EXTEN:1}") == ["CANON", "TRUNK", "EXTEN"]


def test_which_checks_bound_a_variable():
    def bounded(pattern: str) -> bool:
        return list(checked(f'$[${{REGEX("{pattern}" ${{A}})}} = 0]')) == ["A"]

    for pattern in ("^[1-9][0-9]{5,14}$", "^[a-z][a-z0-9_-]{0,31}$", "^[a-f0-9-]+$", "^OK-[a-z0-9.-]+$"):
        assert bounded(pattern), pattern
    for pattern in ("^.*$", "[0-9]+", "^[^a]+$", "^[0-9&]+$", "^1|.*$", "^[0-9]+@[a-z]+$", "^\\\\D+$"):
        assert not bounded(pattern), pattern
    assert list(checked("${FILTER(0-9,${EXTEN})}")) == ["EXTEN"]
    assert list(checked("${FILTER(0-9@,${EXTEN})}")) == []


def test_what_a_bounded_extension_lets_in():
    pattern = pattern_regex("_seatX")
    assert pattern is not None
    assert pattern.fullmatch("seat7")
    assert not pattern.fullmatch("trunk")
    assert pattern_regex("_X.") is None
    assert pattern_regex("_X!") is None
