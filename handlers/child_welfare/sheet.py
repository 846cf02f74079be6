"""The fields of the fact sheet for consultations and reports (虐待相談・通告受付票), in the order of the paper one."""

from __future__ import annotations

from bot.consulting import SheetField

_CHILD = ("子ども", "Child")
_GUARDIAN = ("保護者", "Guardian")
_MATTER = ("主訴", "What it is about")
_AROUND = ("家庭・学校・地域", "Family, school, community")
_WISHES = ("意向・経過", "Wishes and earlier contacts")
_CALLER = ("相談者", "Who is writing")
_URGENCY = ("緊急対応", "Need of an emergency response")

FIELDS = (
    SheetField("child_name", ("氏名・ふりがな", "Name and reading"), _CHILD),
    SheetField("child_age", ("生年月日・年齢", "Date of birth, age"), _CHILD, "age"),
    SheetField("child_sex", ("性別", "Sex"), _CHILD),
    SheetField("child_address", ("住所", "Address"), _CHILD, "municipality"),
    SheetField("child_school", ("就学・就園", "Nursery or school"), _CHILD),
    SheetField("guardian_name", ("氏名・続柄", "Name and relation"), _GUARDIAN),
    SheetField("guardian_age", ("年齢・職業", "Age and occupation"), _GUARDIAN),
    SheetField("guardian_contact", ("住所・電話", "Address and telephone"), _GUARDIAN),
    SheetField("matter", ("内容", "What happened"), _MATTER, "what", long=True),
    SheetField("matter_degree", ("程度・頻度", "How severe, how often"), _MATTER),
    SheetField("matter_since", ("いつから・いつ・どこで", "Since when, when, where"), _MATTER),
    SheetField("child_state", ("子どもの状況・様子", "State of the child"), _MATTER, long=True),
    SheetField("family", ("家族（きょうだい・同居人・DVの有無）", "Family (siblings, cohabitants, violence)"), _AROUND, long=True),
    SheetField("school", ("学校・園・地域での様子", "At school, nursery, in the community"), _AROUND, long=True),
    SheetField("child_wish", ("子どもの意向", "What the child wants"), _WISHES),
    SheetField("guardian_wish", ("保護者の意向", "What the guardian wants"), _WISHES),
    SheetField("earlier", ("これまでの相談", "Earlier consultations"), _WISHES),
    SheetField("caller", ("相談者・子どもとの関係", "Who is writing, relation to the child"), _CALLER, "who"),
    SheetField("caller_contact", ("氏名・連絡先", "Name and contact"), _CALLER),
    SheetField("caller_intent", ("意図（保護・調査・相談）", "Intent: protection, investigation, advice"), _CALLER),
    SheetField("emergency", ("必要性とその理由", "Needed or not, and why"), _URGENCY, long=True, urgency=True),
)  # fmt: skip

BODIES = (
    ("児童相談所", "Child guidance centre"),
    ("警察", "Police"),
    ("市町村のこども家庭センター", "Municipal family centre"),
)
"""Bodies a case is commonly handed to; a town writes their names as it knows them."""
