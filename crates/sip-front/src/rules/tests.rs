use super::*;
use crate::head::REGISTER;

const CODE: &str = "52010200001320000001";
const NOW: Now = Now {
    monotonic_ms: 5_000_000,
    unix_s: 1_800_000_000,
};

fn rules() -> Rules {
    let mut rules = Rules::new(FrontConfig {
        realm: "5201020000".into(),
        nonce_key: vec![1; 32],
        challenge: true,
        default_password: "secret".into(),
        admit_unknown: false,
        max_requests_per_address_per_s: 50,
        max_remembered_addresses: 1_000,
        max_pending: 1_000,
        max_requests_per_device_per_s: 100,
        max_waiting: 1_000,
        max_waiting_octets: 1 << 20,
    });
    rules.know(CODE, "");
    rules
}

fn peer() -> SocketAddr {
    "10.0.0.9:5060".parse().expect("an address")
}

fn with_credentials(challenge: &[u8], password: &str) -> String {
    let text = std::str::from_utf8(challenge).expect("text");
    let nonce = text
        .split("nonce=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a nonce");
    let hash = |text: String| {
        use md5::Digest as _;
        md5::Md5::digest(text)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let ha1 = hash(format!("{CODE}:5201020000:{password}"));
    let ha2 = hash("REGISTER:sip:x".to_owned());
    let response = hash(format!("{ha1}:{nonce}:{ha2}"));
    REGISTER.replace(
        "Max-Forwards",
        &format!(
            "Authorization: Digest username=\"{CODE}\",realm=\"5201020000\",nonce=\"{nonce}\",uri=\"sip:x\",\
             response=\"{response}\",algorithm=MD5\r\nMax-Forwards"
        ),
    )
}

fn challenged(rules: &mut Rules) -> Vec<u8> {
    match rules.judge(REGISTER.as_bytes(), peer(), NOW) {
        Verdict::Send(octets) => octets,
        other => panic!("expected a challenge, not {other:?}"),
    }
}

#[test]
fn a_known_device_is_challenged_and_its_right_digest_goes_to_the_node_once() {
    let mut rules = rules();
    let challenge = challenged(&mut rules);
    let second = with_credentials(&challenge, "secret");
    let Verdict::Register(registration) = rules.judge(second.as_bytes(), peer(), NOW) else {
        panic!("expected a registration");
    };
    assert_eq!(
        (registration.code.as_str(), registration.expires_s),
        (CODE, Some(3600))
    );
    // Sent again before the node's word: nothing. After it: the same answer.
    assert_eq!(rules.judge(second.as_bytes(), peer(), NOW), Verdict::Drop);
    let (_, answer) = rules
        .answer(registration.token, 200, &[])
        .expect("it waits");
    assert_eq!(
        rules.judge(second.as_bytes(), peer(), NOW),
        Verdict::Send(answer)
    );
}

#[test]
fn a_wrong_password_and_an_unknown_device_go_to_the_node() {
    let mut rules = rules();
    let challenge = challenged(&mut rules);
    let wrong = with_credentials(&challenge, "guess");
    assert_eq!(rules.judge(wrong.as_bytes(), peer(), NOW), Verdict::HandOn);
    let unknown = REGISTER.replace(CODE, "52010200001320000099");
    assert_eq!(
        rules.judge(unknown.as_bytes(), peer(), NOW),
        Verdict::HandOn
    );
}

#[test]
fn another_call_with_the_same_branch_and_number_is_no_repetition() {
    let mut rules = rules();
    let challenge = challenged(&mut rules);
    let second = with_credentials(&challenge, "secret");
    let call_id = second
        .lines()
        .find_map(|line| line.strip_prefix("Call-ID: "))
        .expect("a Call-ID");
    let other = second.replace(call_id, "another");
    assert_ne!(second, other);
    for octets in [&second, &other] {
        let verdict = rules.judge(octets.as_bytes(), peer(), NOW);
        assert!(matches!(verdict, Verdict::Register(_)), "{verdict:?}");
    }
}

#[test]
fn made_up_codes_leave_nothing_behind() {
    let mut rules = rules();
    for number in 0..100 {
        rules.defer(&format!("5201020000132{number:07}"), true);
    }
    assert_eq!(rules.devices.len(), 1, "only the one that is known");
    rules.defer(CODE, true);
    assert_eq!(
        rules.judge(REGISTER.as_bytes(), peer(), NOW),
        Verdict::HandOn
    );
}

#[test]
fn what_was_not_kept_is_taken_as_new() {
    let mut rules = rules();
    let challenge = challenged(&mut rules);
    let second = with_credentials(&challenge, "secret");
    for _ in 0..2 {
        let Verdict::Register(registration) = rules.judge(second.as_bytes(), peer(), NOW) else {
            panic!("expected a registration");
        };
        rules.forget(registration.token);
    }
}

#[test]
fn heartbeats_are_answered_for_bound_devices_at_their_address_only() {
    let heartbeat = format!(
        "MESSAGE sip:5@5 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK1\r\nFrom: <sip:{CODE}@5>;tag=1\r\n\
         To: <sip:5@5>\r\nCall-ID: 1\r\nCSeq: 20 MESSAGE\r\nContent-Type: Application/MANSCDP+xml\r\n\r\n\
         <?xml version=\"1.0\"?><Notify><CmdType>Keepalive</CmdType><SN>1</SN><Status>OK</Status></Notify>"
    );
    let mut rules = rules();
    assert_eq!(
        rules.judge(heartbeat.as_bytes(), peer(), NOW),
        Verdict::HandOn
    );
    rules.bind(CODE, peer(), NOW.unix_s + 60);
    assert!(matches!(
        rules.judge(heartbeat.as_bytes(), peer(), NOW),
        Verdict::Send(_)
    ));
    assert!(matches!(
        rules.judge(heartbeat.as_bytes(), peer(), NOW),
        Verdict::Send(_)
    ));
    assert_eq!(rules.take_heard(), [CODE]);
    let other = "10.0.0.9:6060".parse().expect("an address");
    assert_eq!(
        rules.judge(heartbeat.as_bytes(), other, NOW),
        Verdict::HandOn
    );
    let later = Now {
        unix_s: NOW.unix_s + 61,
        ..NOW
    };
    assert_eq!(
        rules.judge(heartbeat.as_bytes(), peer(), later),
        Verdict::HandOn
    );
}

#[test]
fn a_heartbeat_that_tells_of_another_device_is_handed_on() {
    let mut rules = rules();
    rules.bind(CODE, peer(), NOW.unix_s + 60);
    let mut judge = |named: &str| {
        let datagram = format!(
            "MESSAGE sip:5@5 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK1\r\nFrom: <sip:{CODE}@5>;tag=1\r\n\
             To: <sip:5@5>\r\nCall-ID: 1\r\nCSeq: 20 MESSAGE\r\nContent-Type: Application/MANSCDP+xml\r\n\r\n\
             <Notify><CmdType>Keepalive</CmdType><SN>1</SN>{named}<Status>OK</Status></Notify>"
        );
        rules.judge(datagram.as_bytes(), peer(), NOW)
    };
    let own = format!("<DeviceID>{CODE}</DeviceID>");
    for named in ["", &own] {
        assert!(matches!(judge(named), Verdict::Send(_)));
    }
    let longer = format!("<DeviceID>{CODE}1</DeviceID>");
    for named in [
        "<DeviceID>52010200001320000002</DeviceID>",
        &longer,
        "<DeviceID>",
    ] {
        assert_eq!(judge(named), Verdict::HandOn);
    }
    assert_eq!(rules.take_heard(), [CODE]);
}

#[test]
fn a_heartbeat_that_may_carry_more_is_handed_on() {
    let head = format!(
        "MESSAGE sip:5@5 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK1\r\nFrom: <sip:{CODE}@5>;tag=1\r\n\
         To: <sip:5@5>\r\nCall-ID: 1\r\nCSeq: 20 MESSAGE\r\nContent-Type: Application/MANSCDP+xml\r\n\r\n"
    );
    let of_length = |length: usize, inside: &str| {
        let (open, close) = (
            "<Notify><CmdType>Keepalive</CmdType><SN>1</SN><Status>OK</Status>",
            "</Notify>",
        );
        let padding = length - open.len() - inside.len() - close.len();
        format!("{head}{open}{inside}{}{close}", " ".repeat(padding))
    };
    let mut rules = rules();
    rules.bind(CODE, peer(), NOW.unix_s + 60);
    let mut judge = |datagram: String| rules.judge(datagram.as_bytes(), peer(), NOW);
    for said in ["<Status>ERROR</Status>", "<Status></Status>", ""] {
        let body = format!("<Notify><CmdType>Keepalive</CmdType><SN>1</SN>{said}</Notify>");
        assert_eq!(
            judge(format!("{head}{body}")),
            Verdict::HandOn,
            "what is not plain OK is the node's"
        );
    }
    let longest = judge(of_length(MAX_HEARTBEAT, ""));
    assert!(matches!(longest, Verdict::Send(_)), "{longest:?}");
    assert_eq!(
        judge(of_length(MAX_HEARTBEAT + 1, "")),
        Verdict::HandOn,
        "too long"
    );
    let faulty = "<Info><DeviceID>52010200001320000002</DeviceID></Info>";
    assert_eq!(
        judge(of_length(300, faulty)),
        Verdict::HandOn,
        "it names faulty channels"
    );
    assert_eq!(rules.take_heard(), [CODE]);
}

#[test]
fn a_stranger_gets_its_rate_and_bound_hosts_are_not_disturbed() {
    let mut rules = rules();
    let flood = (0..1_000)
        .filter(|_| rules.judge(b"INVITE x SIP/2.0\r\n\r\n", peer(), NOW) == Verdict::HandOn)
        .count();
    assert_eq!(flood, 50);
    rules.bind(
        CODE,
        "10.0.0.7:5060".parse().expect("an address"),
        NOW.unix_s + 60,
    );
    let known = "10.0.0.7:5061".parse().expect("an address");
    assert_eq!(
        rules.judge(b"SIP/2.0 200 OK\r\n\r\n", known, NOW),
        Verdict::HandOn
    );
}

fn at(seconds: u64) -> Now {
    Now {
        monotonic_ms: NOW.monotonic_ms + seconds * 1_000,
        unix_s: NOW.unix_s + seconds,
    }
}

const NEWS: &[u8] = b"NOTIFY sip:x SIP/2.0\r\nVia: SIP/2.0/UDP x\r\n\r\n";

fn handed_on(rules: &mut Rules, from: SocketAddr, count: usize, now: Now) -> usize {
    (0..count)
        .filter(|_| rules.judge(NEWS, from, now) == Verdict::HandOn)
        .count()
}

#[test]
fn an_address_with_one_device_is_bounded_and_one_with_many_has_as_many_shares() {
    let mut rules = rules();
    rules.bind(CODE, peer(), u64::MAX);
    assert_eq!(
        handed_on(&mut rules, peer(), 5_000, NOW),
        2_000,
        "so far it may be ahead"
    );
    assert_eq!(handed_on(&mut rules, peer(), 5_000, at(1)), 100);
    assert_eq!(rules.counters.over_rate, 3_000 + 4_900);
    for number in 0..2_000 {
        rules.bind(&format!("device {number}"), peer(), u64::MAX);
    }
    assert_eq!(
        handed_on(&mut rules, peer(), 50_000, at(2)),
        50_000,
        "a NAT with 2,000 devices"
    );
    let other: SocketAddr = "10.0.0.10:5060".parse().expect("an address");
    rules.bind("elsewhere", other, u64::MAX);
    assert_eq!(
        handed_on(&mut rules, other, 100, at(2)),
        100,
        "nobody else is touched"
    );
}

#[test]
fn to_register_anew_gives_no_more_requests() {
    let mut rules = rules();
    rules.bind(CODE, peer(), u64::MAX);
    handed_on(&mut rules, peer(), 5_000, NOW);
    rules.bind(CODE, peer(), u64::MAX);
    assert_eq!(handed_on(&mut rules, peer(), 10, NOW), 0);
    rules.unbind(CODE);
    assert_eq!(
        handed_on(&mut rules, peer(), 100, NOW),
        50,
        "a stranger's share"
    );
    rules.bind(CODE, peer(), u64::MAX);
    assert_eq!(handed_on(&mut rules, peer(), 10, NOW), 0);
}

#[test]
fn registrations_of_one_device_are_bounded_where_it_is_and_nobody_else_can_use_them_up() {
    let mut rules = rules();
    rules.bind(CODE, peer(), u64::MAX);
    let stranger: SocketAddr = "10.9.9.9:5060".parse().expect("an address");
    for _ in 0..200 {
        rules.judge(REGISTER.as_bytes(), stranger, NOW);
    }
    let answered = |rules: &mut Rules, now| {
        (0..200)
            .filter(|_| {
                matches!(
                    rules.judge(REGISTER.as_bytes(), peer(), now),
                    Verdict::Send(_)
                )
            })
            .count()
    };
    assert_eq!(answered(&mut rules, NOW), MAX_REGISTERS_A_S as usize);
    assert_eq!(answered(&mut rules, at(1)), MAX_REGISTERS_A_S as usize);
}
