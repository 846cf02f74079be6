"""Campaigns: broadcasts that staff compose, try on themselves, have approved by a second person, and follow while they are sent."""

from bot.campaigns import standstill, starting, testers
from bot.service import Service

service = Service(
    "campaigns",
    testers.ACTIONS,
    (*starting.JOBS, *standstill.JOBS),
    own_data=testers.tell,
    sample="bot.campaigns.sample",
    title="一斉配信",
)
