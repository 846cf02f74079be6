"""Reminders that flows set: kept, sent when they are due, and 「通知の設定」, where residents see and stop them."""

from bot.reminders.actions import ACTIONS
from bot.reminders.job import JOBS
from bot.service import Service

service = Service("notices", ACTIONS, JOBS, title="通知の設定")
