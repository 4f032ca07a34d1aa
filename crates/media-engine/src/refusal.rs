//! How this port says no: the document that the HTTP API gives too, and the same over a WebSocket (rule A65).
use crate::ticket::TicketError;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::{BufMut, Bytes, BytesMut};
use std::fmt::Write as _;
use stream_hub::websocket_header;

pub(crate) const PROBLEM: &str = "application/problem+json";
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
/// RFC 6455 §5.5: 125 bytes in a control frame, two of them the code.
const LONGEST_REASON: usize = 123;
/// Close codes of our own begin here (RFC 6455 §7.4.2): 4403 says what 403 says.
const OWN_CLOSE_CODES: u16 = 4_000;

/// Why a media request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Ticket(TicketError),
    NoSource,
    TooManyReaders,
    /// One ticket is for one picture on one screen.
    TooManyReadersOfSession,
    NoPicture,
    CodecNotOffered(&'static str),
    /// WebRTC shows pictures in the order they are sent in.
    ReorderedPictures,
    NotAWebSocket,
    NoSuchFile,
    /// What is wrong with the WebRTC offer.
    Offer(String),
    NoSuchAddress,
    NoSuchMethod,
    /// A WHEP resource that never was, is another source's, or has ended.
    NoSuchViewer,
}

impl From<TicketError> for Refusal {
    fn from(error: TicketError) -> Self {
        Self::Ticket(error)
    }
}

/// A status, a stable code, the rule where there is one, a sentence and the lawful way, each in Chinese and English.
struct Words {
    status: StatusCode,
    code: &'static str,
    rule: &'static str,
    zh: &'static str,
    en: &'static str,
    remedy_zh: &'static str,
    remedy_en: &'static str,
}

const fn said(status: StatusCode, code: &'static str, zh: &'static str, en: &'static str) -> Words {
    Words {
        status,
        code,
        rule: "",
        zh,
        en,
        remedy_zh: "",
        remedy_en: "",
    }
}

impl Words {
    const fn under(self, rule: &'static str) -> Self {
        Self { rule, ..self }
    }

    const fn instead(self, remedy_zh: &'static str, remedy_en: &'static str) -> Self {
        Self {
            remedy_zh,
            remedy_en,
            ..self
        }
    }
}

const ASK_ANEW_ZH: &str = "请在控制台重新打开该摄像机,由节点核对权限后签发新地址";
const ASK_ANEW_EN: &str =
    "Open the camera again in the console: the node looks at your right and issues a new address";

fn of_ticket(error: TicketError) -> Words {
    let denied = |code, zh, en| said(StatusCode::FORBIDDEN, code, zh, en).under("A7");
    match error {
        TicketError::Missing => denied(
            "media.ticket_missing",
            "该地址未带媒体票据",
            "The address carries no media ticket",
        )
        .instead(
            "请在控制台打开该摄像机;程序先请求 POST /api/v1/cameras/<编码>/live,再用所得地址",
            "Open the camera in the console; a program asks POST /api/v1/cameras/<code>/live and uses the address it is given",
        ),
        TicketError::Forged => denied(
            "media.ticket_forged",
            "该媒体票据不是本节点签发的",
            "The media ticket is not one of this node",
        )
        .instead(ASK_ANEW_ZH, ASK_ANEW_EN),
        TicketError::Expired => denied(
            "media.ticket_expired",
            "媒体票据已过期",
            "The media ticket has expired",
        )
        .instead(ASK_ANEW_ZH, ASK_ANEW_EN),
        TicketError::OtherSource => denied(
            "media.ticket_other_source",
            "该媒体票据属于另一路画面",
            "The media ticket is for another source",
        )
        .instead(
            "每路画面须单独打开:请在控制台打开要看的摄像机",
            "Each picture is opened by itself: open the camera you want in the console",
        ),
        TicketError::Revoked => denied(
            "media.ticket_revoked",
            "该媒体票据所属的观看已结束,或查看权限已终止",
            "The viewing of this media ticket has ended, or the right to it",
        )
        .instead(ASK_ANEW_ZH, ASK_ANEW_EN),
        TicketError::OtherWorkstation => denied(
            "media.ticket_other_workstation",
            "该媒体票据是签发给另一台工作站的",
            "The media ticket was issued to another workstation",
        )
        .under("A10")
        .instead(
            "请在本机登录并打开该摄像机;地址不能转交他人",
            "Sign in on this workstation and open the camera here; an address is not handed on",
        ),
        TicketError::OtherWay => denied(
            "media.ticket_other_way",
            "设备录像只能在控制台中观看,不能由此取走",
            "A device's own recording is looked at in the console; it is not taken away like this",
        )
        .under("A14")
        .instead(
            "如需取走,请先补录到节点,再申请导出片段,由另一人批准",
            "To take it away fetch it to the node and ask for a clip, which a second person approves",
        ),
    }
}

impl Refusal {
    fn words(&self) -> Words {
        match self {
            Refusal::Ticket(error) => of_ticket(*error),
            Refusal::NoSource => said(
                StatusCode::NOT_FOUND,
                "media.no_source",
                "这路画面没有打开",
                "This source is not open",
            )
            .instead(ASK_ANEW_ZH, ASK_ANEW_EN),
            Refusal::TooManyReaders => said(
                StatusCode::SERVICE_UNAVAILABLE,
                "media.too_many_readers",
                "本节点的观看路数已达上限",
                "The limit of readers of this node is reached",
            )
            .instead(
                "请关闭不看的画面后重试;经常如此时请运维人员调整 [media] max_readers、max_readers_per_address",
                "Close pictures that nobody needs and try again; if it stays, ask maintenance to set [media] max_readers and max_readers_per_address",
            ),
            Refusal::TooManyReadersOfSession => said(
                StatusCode::TOO_MANY_REQUESTS,
                "media.too_many_readers_of_session",
                "这次观看打开的连接已达上限",
                "The limit of readers of this viewing is reached",
            )
            .instead(
                "一次观看只供一个画面使用:其他画面请各自打开;上限由 [media] max_readers_per_session 设定",
                "A viewing is for one picture: open others by themselves; the limit is [media] max_readers_per_session",
            ),
            Refusal::NoPicture => said(
                StatusCode::SERVICE_UNAVAILABLE,
                "media.no_picture",
                "摄像机还没有送来画面",
                "No picture has come from the camera yet",
            )
            .instead(
                "请稍后重试;摄像机页面上有原因",
                "Try again in a moment; the camera's page says why",
            ),
            Refusal::CodecNotOffered(_) => said(
                StatusCode::NOT_ACCEPTABLE,
                "media.codec_not_offered",
                "浏览器不接受这路画面的编码",
                "The offer takes none of the stream's codec",
            )
            .instead(
                "请求画面时声明可解码的格式(codecs),节点会转码",
                "Say what can be decoded (codecs) when asking for the picture: the node transcodes",
            ),
            Refusal::ReorderedPictures => said(
                StatusCode::NOT_ACCEPTABLE,
                "media.reordered_pictures",
                "这路画面含 B 帧,WebRTC 无法按正确顺序播放",
                "The stream has B pictures, which WebRTC cannot play in their order",
            )
            .instead(
                "请改用 WebSocket 或 HLS 播放,或在摄像机上关闭 B 帧",
                "Play by WebSocket or HLS instead, or turn B pictures off at the camera",
            ),
            Refusal::NotAWebSocket => said(
                StatusCode::BAD_REQUEST,
                "media.bad_request",
                "该地址只接受 WebSocket 连接",
                "This address is for a WebSocket",
            )
            .instead(
                "普通 HTTP 请用 /fmp4/ 或 /hls/ 的地址",
                "For plain HTTP take the address below /fmp4/ or /hls/",
            ),
            Refusal::NoSuchFile => said(
                StatusCode::BAD_REQUEST,
                "media.bad_request",
                "没有这样的播放列表、分段或片段",
                "There is no such playlist, segment or part",
            )
            .instead(
                "请从播放列表 index.m3u8 开始",
                "Begin with the playlist index.m3u8",
            ),
            Refusal::Offer(_) => said(
                StatusCode::BAD_REQUEST,
                "media.bad_request",
                "WebRTC 请求(offer)无法使用",
                "The WebRTC offer cannot be used",
            )
            .instead(
                "请改用 WebSocket 或 HLS 播放",
                "Play by WebSocket or HLS instead",
            ),
            Refusal::NoSuchAddress => said(
                StatusCode::NOT_FOUND,
                "media.no_such_address",
                "媒体端口没有这个地址",
                "The media port has no such address",
            )
            .instead(
                "地址由节点给出:POST /api/v1/cameras/<编码>/live",
                "Addresses are given by the node: POST /api/v1/cameras/<code>/live",
            ),
            Refusal::NoSuchViewer => said(
                StatusCode::NOT_FOUND,
                "media.no_such_viewer",
                "没有这个 WebRTC 观看,或它已结束",
                "There is no such WebRTC viewer, or it has ended",
            )
            .instead(
                "结束观看请用建立时 Location 给出的地址",
                "A viewer is ended at the address that Location told when it began",
            ),
            Refusal::NoSuchMethod => said(
                StatusCode::METHOD_NOT_ALLOWED,
                "media.no_such_method",
                "该地址不支持这种方法",
                "This address does not take that method",
            ),
        }
    }

    /// What the sentences cannot say beforehand.
    fn particulars(&self) -> Option<&str> {
        match self {
            Refusal::CodecNotOffered(codec) => Some(codec),
            Refusal::Offer(why) => Some(why),
            _ => None,
        }
    }

    pub fn status(&self) -> StatusCode {
        self.words().status
    }

    /// RFC 9457, with the members of the HTTP API's documents. `contact`: the audit office, told where a rule refuses.
    pub fn document(&self, contact: &str) -> String {
        let words = self.words();
        let told = |sentence: &str| match self.particulars() {
            Some(particulars) => format!("{sentence}: {particulars}"),
            None => sentence.to_owned(),
        };
        let (zh, en) = (told(words.zh), told(words.en));
        let mut out = format!(
            r#"{{"type":"/docs/errors#{}","status":{}"#,
            words.code,
            words.status.as_u16()
        );
        let detail = format!("{zh} / {en}");
        for (member, text) in [
            ("title", en.as_str()),
            ("detail", detail.as_str()),
            ("code", words.code),
            ("zh", zh.as_str()),
            ("en", en.as_str()),
            ("remedy_zh", words.remedy_zh),
            ("remedy_en", words.remedy_en),
        ] {
            let _ = write!(out, r#","{member}":{}"#, json_text(text)); // a String takes everything
        }
        if !words.rule.is_empty() {
            let contact = json_text(contact);
            let _ = write!(out, r#","rule":"{}","contact":{contact}"#, words.rule);
        }
        out.push('}');
        out
    }

    /// The document as a message, and the close with the code that stands for the status and a short reason.
    pub fn websocket_goodbye(&self, contact: &str) -> Bytes {
        let document = self.document(contact);
        let mut out = BytesMut::with_capacity(document.len() + 140);
        websocket_header(&mut out, TEXT, document.len());
        out.put_slice(document.as_bytes());
        out.put_slice(&self.websocket_close());
        out.freeze()
    }

    /// The close alone, for a picture that was running.
    pub fn websocket_close(&self) -> Bytes {
        let words = self.words();
        let mut reason = format!("{} {} / {}", words.code, words.zh, words.en);
        while reason.len() > LONGEST_REASON {
            reason.pop(); // a whole character, so that it stays UTF-8
        }
        let mut out = BytesMut::with_capacity(4 + reason.len());
        websocket_header(&mut out, CLOSE, 2 + reason.len());
        out.put_u16(OWN_CLOSE_CODES + words.status.as_u16());
        out.put_slice(reason.as_bytes());
        out.freeze()
    }
}

impl IntoResponse for Refusal {
    /// The status; the document, which names the audit office, is written by the router's layer.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A JSON string, quoted.
fn json_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: [Refusal; 18] = [
        Refusal::Ticket(TicketError::Missing),
        Refusal::Ticket(TicketError::Forged),
        Refusal::Ticket(TicketError::Expired),
        Refusal::Ticket(TicketError::OtherSource),
        Refusal::Ticket(TicketError::Revoked),
        Refusal::Ticket(TicketError::OtherWorkstation),
        Refusal::Ticket(TicketError::OtherWay),
        Refusal::NoSource,
        Refusal::TooManyReaders,
        Refusal::TooManyReadersOfSession,
        Refusal::NoPicture,
        Refusal::CodecNotOffered("h265"),
        Refusal::ReorderedPictures,
        Refusal::NotAWebSocket,
        Refusal::NoSuchFile,
        Refusal::NoSuchAddress,
        Refusal::NoSuchMethod,
        Refusal::NoSuchViewer,
    ];

    #[test]
    fn every_refusal_has_a_sentence_in_both_languages_and_a_right_that_is_missing_its_rule_and_whom_to_ask()
     {
        for refusal in EVERY {
            let words = refusal.words();
            assert!(!words.zh.is_ascii() && words.en.is_ascii(), "{refusal:?}");
            assert_eq!(
                words.rule.is_empty(),
                !matches!(refusal, Refusal::Ticket(_)),
                "{refusal:?}"
            );
            let told = refusal.document("the \"office\"");
            assert_eq!(
                told.contains(r#""contact":"the \"office\"""#),
                !words.rule.is_empty()
            );
        }
    }

    #[test]
    fn what_a_peer_sent_stays_inside_its_string() {
        let told = Refusal::Offer("a\"b\\c\n\u{1f642}".into()).document("");
        assert!(told.contains(r#"cannot be used: a\"b\\c\u000a"#), "{told}");
    }

    #[test]
    fn a_close_has_the_statuss_code_and_a_reason_that_fits_and_is_text() {
        for refusal in EVERY {
            let close = refusal.websocket_close();
            assert_eq!(close[0], 0x88);
            assert_eq!(usize::from(close[1]), close.len() - 2);
            assert!(close[1] <= 125, "{refusal:?}");
            let code = u16::from_be_bytes([close[2], close[3]]);
            assert_eq!(code, 4_000 + refusal.status().as_u16());
            let reason = std::str::from_utf8(&close[4..]).expect("UTF-8");
            assert!(reason.starts_with(refusal.words().code), "{reason}");
        }
    }
}
