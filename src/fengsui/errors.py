"""Errors as types: whose fault, a stable code, a text in Chinese and English, and what to do. `web_api` makes the answer."""

from __future__ import annotations

import errno
from typing import ClassVar


class FengsuiError(Exception):
    """Base of all. The texts are format strings over the keywords given when it is raised."""

    code: ClassVar[str] = "node.error"
    status: ClassVar[int] = 500
    zh: ClassVar[str] = "节点内部错误"
    en: ClassVar[str] = "Internal error of the node"
    remedy_zh: ClassVar[str] = "请稍后重试;若仍然出现,请联系运维人员查看日志"
    remedy_en: ClassVar[str] = "Try again; if it stays, ask maintenance to look at the log"
    rule: ClassVar[str] = ""
    """The rule by which something was refused, where there is one."""
    retry_after_s: ClassVar[int] = 0
    """So long a program waits before it tries again; 0: trying again is no help."""

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.en.format(**facts))

    @property
    def text_zh(self) -> str:
        """The sentence for the operator."""
        return self.zh.format(**self.facts)

    @property
    def text_en(self) -> str:
        """The sentence for the operator."""
        return self.en.format(**self.facts)


class OperatorFault(FengsuiError):
    """What was asked cannot be done; asking differently helps."""

    code = "request.refused"
    status = 400


class PeerFault(FengsuiError):
    """A device or another platform did not do its part."""

    code = "peer.fault"
    status = 502


class NodeFault(FengsuiError):
    """The node itself cannot go on with this."""


class WrongSettings(NodeFault):
    """The configuration cannot be used; the node does not start."""

    code = "settings.wrong"
    zh = "配置有误:{what}"
    en = "Wrong configuration: {what}"
    remedy_zh = "{do_zh}"
    remedy_en = "{do_en}"


class PortTaken(NodeFault):
    """Another program has a port that the node needs."""

    code = "node.port_in_use"
    zh = "端口 {port}({kind})已被其他程序占用"
    en = "Port {port} ({kind}) is in use by another program"
    remedy_zh = "停止占用该端口的程序,或在配置文件中改用其他端口"
    remedy_en = "Stop that program or set another port in the configuration file"


class FootageUnusable(NodeFault):
    """The recorder does not begin."""

    code = "node.footage"
    zh = "录像无法启动:{what}"
    en = "Recording does not begin: {what}"
    remedy_zh = "检查数据文件夹的权限与剩余空间,以及是否有另一个节点在使用它"
    remedy_en = "Check the rights and the room of the data folder, and that no other node uses it"


class FootageFolderFailed(NodeFault):
    """Footage folders that take nothing."""

    code = "node.footage_folder"
    zh = "录像文件夹不可写:{folders}"
    en = "Footage folders take nothing: {folders}"
    remedy_zh = "检查磁盘:是否已满、只读、脱落或未挂载;恢复后节点会自动继续使用。没有可用文件夹时录像会丢失"
    remedy_en = (
        "Is the disk full, read-only, gone or not mounted? The node takes it again by itself; without a folder footage is lost"
    )


class FootageIndexFailed(NodeFault):
    """What is recorded is on disk and not found: the index takes nothing, or what lies in the folders does not get into it."""

    code = "node.footage_index"
    zh = "录像索引无法写入或重建:{why}"
    en = "The index of footage takes nothing, or cannot be filled anew: {why}"
    remedy_zh = (
        "录像仍写入磁盘,但此后的录像查不到。检查数据文件夹的权限与剩余空间,节点会自动重试;"
        "若持续,停止节点后运行 fengsui check --rebuild"
    )
    remedy_en = (
        "Footage goes to disk all the same and is not found. Look at the rights and the room of the data folder: the node tries "
        "again by itself. If it lasts, stop the node and run fengsui check --rebuild"
    )


class FootageIndexFilling(NodeFault):
    """The index does not have all that lies in the folders yet: what it lacks is no gap."""

    code = "recording.index_filling"
    status = 503
    zh = "录像索引正在重建(已完成 {percent}%),所选时段的录像可能尚未全部列出"
    en = "The index of footage is being filled ({percent} %): footage of this time may not all be listed yet"
    remedy_zh = "录像本身完好;请等索引重建完成后再试"
    remedy_en = "The footage itself is there: try again once the index is filled"


class FootageLost(NodeFault):
    """Groups of pictures that no folder took."""

    code = "node.footage_lost"
    zh = "有录像丢失(启动以来 {count} 段):各路录像的缺失可在摄像机的录像状态中查看"
    en = "Footage is lost ({count} groups of pictures since the start): each camera's recording tells its own"
    remedy_zh = (
        "检查录像磁盘是否停止响应、已满或慢于摄像机码流,以及打开文件数上限;节点日志中的 footage_lost 说明各路的原因。"
        "可增加磁盘,或调大 [recording] write_behind_mb 以容忍更长的停顿"
    )
    remedy_en = (
        "Does a disk hang, is it full or slower than the cameras, are all files open that may be? The log's footage_lost lines "
        "give the reason for each stream. Add disks, or raise [recording] write_behind_mb to bear longer pauses"
    )


class PortUnusable(NodeFault):
    """A port cannot be opened, though no other program has it."""

    code = "node.port_unusable"
    zh = "端口 {port}({kind})无法打开:{what}"
    en = "Port {port} ({kind}) cannot be opened: {what}"
    remedy_zh = "核对配置中的监听地址是否为本机地址;1024 以下的端口须授权(setcap cap_net_bind_service),或改用其他端口"
    remedy_en = (
        "Is the address to listen at, in the configuration, one of this machine? Ports below 1024 need a right "
        "(setcap cap_net_bind_service), or set another port"
    )


def port_fault(error: OSError, port: int, kind: str) -> NodeFault:
    """Why a port could not be opened."""
    if error.errno == errno.EADDRINUSE:
        return PortTaken(port=port, kind=kind)
    return PortUnusable(port=port, kind=kind, what=error.strerror or str(error))


class LoopFailed(NodeFault):
    """Something unexpected in a loop of the node: it goes on by itself, and somebody should look why."""

    code = "node.loop_failed"
    zh = "节点的后台任务意外出错:{loops};任务会自动重新开始,间隔最长 30 秒,其间该任务的工作停顿"
    en = (
        "A background loop of the node met something unexpected: {loops}. It begins anew by itself, after 30 s at most; its work "
        "stops meanwhile"
    )
    remedy_zh = (
        "在节点日志中查找 a loop of the node failed,其中 loop、what 与调用栈说明原因;反复出现时请保留日志并重启节点,再提交问题报告"
    )
    remedy_en = (
        "Look in the node's log for 'a loop of the node failed': its loop, what and stack tell why. Where it comes again, keep the "
        "log, start the node anew and report it"
    )


class CoreFailed(NodeFault):
    """A thread, a task or a stream of the Rust core met something unexpected: it begins anew by itself."""

    code = "node.core_failed"
    zh = "媒体引擎或信令端口的线程意外出错(启动以来 {count} 次);它会自动重新开始,受影响的画面自动重新打开,其他画面不受影响"
    en = (
        "A thread of the media engine or of the SIP port met something unexpected ({count} times since the start). It begins anew "
        "by itself and the pictures concerned are opened anew; others go on"
    )
    remedy_zh = "在节点日志中查找 a thread of the core panicked 与 a media worker failed;反复出现时请保留日志并提交问题报告"
    remedy_en = (
        "Look in the node's log for 'a thread of the core panicked' and 'a media worker failed'; where it comes again, keep the "
        "log and report it"
    )


class OutOfFiles(NodeFault):
    """The process has as many descriptors open as the system allows it."""

    code = "node.open_files"
    zh = "打开的文件和连接已达系统上限 {limit},新连接须等待;已注册的设备和已打开的画面不受影响"
    en = (
        "As many files and connections are open as the system allows, {limit}: new ones wait; registered devices and open pictures "
        "go on"
    )
    remedy_zh = "提高上限:systemd 单元写 LimitNOFILE=65536,命令行先执行 ulimit -n 65536,再重启节点;或调低各项 max_connections"
    remedy_en = (
        "Raise the limit (LimitNOFILE=65536 in the systemd unit, or ulimit -n 65536 in the shell) and start the node again; or "
        "lower the settings max_connections"
    )


class DataFolderUnusable(NodeFault):
    """The data folder cannot be made or written."""

    code = "node.data_folder"
    zh = "数据目录 {folder} 不可用:{what}"
    en = "The data folder {folder} cannot be used: {what}"
    remedy_zh = "给出可写的目录(--data 目录),并把它交给运行本程序的用户"
    remedy_en = "Give a folder that can be written (--data FOLDER) and belongs to the user who runs this program"


class DataFolderTaken(NodeFault):
    """Another node works in this data folder."""

    code = "node.data_folder_in_use"
    zh = "数据目录 {folder} 正被另一进程(进程号 {process})使用,两个节点不能共用一个数据目录"
    en = "Another process ({process}) uses the data folder {folder}; two nodes cannot share one"
    remedy_zh = "停止该进程,或用 --data 为本节点另给一个目录"
    remedy_en = "Stop that process, or give this node a folder of its own (--data FOLDER)"


class ValueOutOfRange(OperatorFault):
    """A number or a text of the request that no database holds: too large, or with a sign that is none."""

    code = "request.value_out_of_range"
    status = 422
    zh = "请求中的数值或文字超出可存储的范围"
    en = "A number or a text of the request is outside what can be stored"
    remedy_zh = "请检查编号、数值和文字(不得含空字符)"
    remedy_en = "Look at ids, numbers and texts (no zero octet)"


class SecretsUnusable(NodeFault):
    """Keys that other users can read, and that cannot be closed to them."""

    code = "node.secrets_open"
    zh = "密钥 {path} 可被其他用户访问,且无法收回权限"
    en = "The secrets {path} are open to other users, and that cannot be changed"
    remedy_zh = "把它交给运行本程序的用户(chown),再执行 chmod go=;密钥可能已泄露,请考虑更换"
    remedy_en = "Give them to the user who runs this program (chown), then chmod go=; they may have leaked: think of new ones"


class StorageFault(NodeFault):
    """The database cannot be used now."""

    code = "store.unavailable"
    status = 503
    zh = "数据库暂不可用:{what}"
    en = "The database cannot be used now: {what}"
    remedy_zh = "{remedy_zh}"
    remedy_en = "{remedy_en}"


class DatabaseTaken(StorageFault):
    """Another node works in this database."""

    code = "store.in_use"
    zh = "数据库 {database} 正被另一节点({holder})使用,两个节点不能共用一个数据库"
    en = "Another node ({holder}) uses the database {database}; two nodes cannot share one"
    remedy_zh = "为本节点另建一个数据库并写入 [store] url;或先停止那个节点再启动本节点(若它刚断网,半分钟后再试)"
    remedy_en = (
        "Make this node a database of its own ([store] url); or stop that node, then start this one (if it was just cut off from "
        "the network, try again in half a minute)"
    )
