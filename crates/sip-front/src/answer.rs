//! The answer to a request: its Via lines, From, To, Call-ID and CSeq, then what is added. RFC 3261 §8.2.6, RFC 3581 §4.
use crate::head::Head;
use std::net::SocketAddr;

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        423 => "Interval Too Brief",
        503 => "Service Unavailable",
        _ => "Unknown",
    }
}

/// Whole octets of the answer. `tag`: for a To without one.
pub(crate) fn answer(
    head: &Head<'_>,
    status: u16,
    from: SocketAddr,
    tag: &str,
    extra: &[(String, String)],
) -> Vec<u8> {
    let mut out = String::with_capacity(512);
    let mut line = |parts: &[&str]| {
        parts.iter().for_each(|part| out.push_str(part));
        out.push_str("\r\n");
    };
    line(&["SIP/2.0 ", &status.to_string(), " ", reason(status)]);
    for (index, via) in head.all("via").enumerate() {
        if index == 0 {
            line(&["Via: ", &with_received(via, from)]);
        } else {
            line(&["Via: ", via]);
        }
    }
    line(&["From: ", head.get("from").unwrap_or_default()]);
    let to = head.get("to").unwrap_or_default();
    if to.contains(";tag=") {
        line(&["To: ", to]);
    } else {
        line(&["To: ", to, ";tag=", tag]);
    }
    line(&["Call-ID: ", head.get("call-id").unwrap_or_default()]);
    line(&["CSeq: ", head.get("cseq").unwrap_or_default()]);
    for (name, value) in extra {
        line(&[name, ": ", value]);
    }
    line(&["Content-Length: 0\r\n"]);
    out.into_bytes()
}

fn with_received(via: &str, from: SocketAddr) -> String {
    let (first, rest) = match via.find(',') {
        Some(comma) => via.split_at(comma),
        None => (via, ""),
    };
    let mut out = String::with_capacity(via.len() + 48);
    for (index, part) in first.split(';').enumerate() {
        let name = part.trim_start();
        if index > 0
            && ["rport", "received"]
                .iter()
                .any(|drop| name == *drop || name.starts_with(&format!("{drop}=")))
        {
            continue;
        }
        if index > 0 {
            out.push(';');
        }
        out.push_str(part);
    }
    out.push_str(&format!(
        ";rport={};received={}{rest}",
        from.port(),
        from.ip()
    ));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::REGISTER;

    #[test]
    fn an_answer_says_where_the_request_came_from_and_carries_a_tag() {
        let head = Head::parse(REGISTER.as_bytes()).expect("a plain request");
        let from = "10.9.8.7:1024".parse().expect("an address");
        let octets = answer(&head, 200, from, "t1", &[("Expires".into(), "3600".into())]);
        let text = String::from_utf8(octets).expect("text");
        assert!(text.starts_with("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.168.1.9:5060;branch=z9hG4bK77;rport=1024;received=10.9.8.7\r\n"));
        assert!(text.contains("To: <sip:52010200001320000001@5201020000>;tag=t1\r\n"));
        assert!(text.ends_with("Expires: 3600\r\nContent-Length: 0\r\n\r\n"));
    }
}
