"""What is refused about procedures and their runs."""

from __future__ import annotations

from fengsui.errors import OperatorFault


class UnknownProcedure(OperatorFault):
    """No such procedure, or none that one may see."""

    code = "procedure.unknown"
    status = 404
    zh = "没有这个预案"
    en = "There is no such procedure"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class ProcedureChanged(OperatorFault):
    """Somebody was first."""

    code = "procedure.changed"
    status = 409
    zh = "预案“{name}”刚被他人更改"
    en = "Somebody has just changed the procedure “{name}”"
    remedy_zh = "请刷新后再修改"
    remedy_en = "Load it again, then change it"


class ProcedureNameTaken(OperatorFault):
    """A procedure is told apart by its name wherever it runs."""

    code = "procedure.name_taken"
    status = 409
    zh = "已有名为“{name}”的预案"
    en = "There is a procedure “{name}” already"
    remedy_zh = "请换一个名称"
    remedy_en = "Choose another name"


class UnusableProcedure(OperatorFault):
    """No such procedure can be kept."""

    code = "procedure.unusable"
    status = 422
    zh = "预案无效:{why_zh}"
    en = "The procedure cannot be kept: {why_en}"
    remedy_zh = "请按提示修改"
    remedy_en = "Change what is said"


class UnknownRun(OperatorFault):
    """No such run, or none that one may see."""

    code = "procedure_run.unknown"
    status = 404
    zh = "没有这次预案执行"
    en = "There is no such run of a procedure"
    remedy_zh = "请刷新"
    remedy_en = "Load it again"


class ProcedureUnderWay(OperatorFault):
    """It is under way there already."""

    code = "procedure_run.under_way"
    status = 409
    zh = "预案“{name}”已在执行"
    en = "The procedure “{name}” is under way already"
    remedy_zh = "请接着执行"
    remedy_en = "Go on with it"


class RunMoved(OperatorFault):
    """Somebody was first with this step."""

    code = "procedure_run.moved"
    status = 409
    zh = "这一步刚被他人办理"
    en = "Somebody has just done this step"
    remedy_zh = "请按当前步骤继续"
    remedy_en = "Go on from where it is now"


class RunOver(OperatorFault):
    """No step is left."""

    code = "procedure_run.over"
    status = 409
    zh = "预案“{name}”已经走完"
    en = "The procedure “{name}” is over"
    remedy_zh = "无需再办"
    remedy_en = "Nothing is left to do"


class TooManyRuns(OperatorFault):
    """What is about to be closed looks through all of them."""

    code = "procedure_run.too_many"
    status = 409
    zh = "这里已执行过 {most} 次预案,不能再开始"
    en = "{most} procedures were begun here already; no more can be"
    remedy_zh = "请接着执行已开始的预案"
    remedy_en = "Go on with those that were begun"


class UnfitAnswer(OperatorFault):
    """The step takes another one."""

    code = "procedure_run.unfit_answer"
    status = 422
    zh = "这一步不能这样办理:{why_zh}"
    en = "The step is not done like that: {why_en}"
    remedy_zh = "请按步骤的提示办理"
    remedy_en = "Do it as the step says"


class ProcedureOpen(OperatorFault):
    """What it is about is not closed before."""

    code = "procedure.open"
    status = 409
    zh = "必办预案“{name}”尚未走完(停在:{step}),暂不能办结"
    en = "The mandatory procedure “{name}” is not over (it stands at: {step}), so this is not closed yet"
    remedy_zh = "请走完预案,或逐步(或一次对其余步骤)写明理由跳过"
    remedy_en = "Finish it, or skip what is left with a reason"


class ProcedureOwed(OperatorFault):
    """It was not begun."""

    code = "procedure.owed"
    status = 409
    zh = "必办预案“{name}”尚未执行,暂不能办结"
    en = "The mandatory procedure “{name}” was not begun, so this is not closed yet"
    remedy_zh = "请先执行预案;确为误报的,按误报核实后办结"
    remedy_en = "Begin it; what was false is verified as false, then closed"


class NothingToReview(OperatorFault):
    """No step was skipped, or all were seen."""

    code = "procedure_run.nothing_to_review"
    status = 409
    zh = "没有待复核的跳过步骤"
    en = "No skipped step waits to be reviewed"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class OwnSkips(OperatorFault):
    """A review is by somebody else."""

    code = "procedure_run.own_skips"
    status = 403
    zh = "不能复核自己跳过的步骤"
    en = "Nobody reviews steps that they skipped themselves"
    remedy_zh = "请由另一位主管复核"
    remedy_en = "Ask another supervisor to review them"


class MoreByNow(OperatorFault):
    """The reviewer saw less than there is."""

    code = "procedure_run.more_by_now"
    status = 409
    zh = "此后又有步骤被办理或跳过"
    en = "More steps were done or skipped meanwhile"
    remedy_zh = "请刷新列表,看过新的记录后再复核"
    remedy_en = "Load the list again and read what is new, then review it"
