"""Rules: what is done by itself about an alarm, by which version of which rule."""

from fengsui.features.alarm_rules.actions import AlarmRules
from fengsui.features.alarm_rules.deeds import Deeds
from fengsui.features.alarm_rules.dry_run import DryRun
from fengsui.features.alarm_rules.endpoints import router
from fengsui.features.alarm_rules.ports import Addressee, NoticeOrder, RuleLink
from fengsui.features.alarm_rules.queries import link_told
from fengsui.features.alarm_rules.run import RuleRuns

__all__ = ["Addressee", "AlarmRules", "Deeds", "DryRun", "NoticeOrder", "RuleLink", "RuleRuns", "link_told", "router"]
