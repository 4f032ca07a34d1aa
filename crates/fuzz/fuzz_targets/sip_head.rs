#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(head) = sip_front::Head::parse(bytes) {
        let _ = (head.sender(), head.branch(), head.expires(), head.get("via"));
    }
});
