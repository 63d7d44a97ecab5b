// SPDX-License-Identifier: GPL-2.0
//! The command as a user meets it, on a host without the kernel module: what it says, where, and its exit status.

use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What a run of the command gave.
struct Run {
    status: i32,
    output: String,
    errors: String,
}

fn run(line: &str) -> Run {
    let words: Vec<_> = line.split_whitespace().collect();
    let output = Command::new(env!("CARGO_BIN_EXE_shim6"))
        .args(words)
        .output()
        .expect("the command runs");
    Run {
        status: output.status.code().expect("it is not killed"),
        output: String::from_utf8(output.stdout).expect("text"),
        errors: String::from_utf8(output.stderr).expect("text"),
    }
}

/// A file of this test that is not there yet.
fn path(name: &str) -> PathBuf {
    let path =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

#[test]
fn a_wrong_command_line_is_told_in_one_sentence_that_names_the_wrong_word() {
    for (line, sentence) in [
        ("", "an object is missing; see \"shim6 help\""),
        ("nonsense", "\"nonsense\" is not known; see \"shim6 help\""),
        ("context frobnicate", "\"frobnicate\" is not known; see \"shim6 help\""),
        ("-x status", "\"-x\" is not known here; see \"shim6 help\""),
        ("-c=pink status", "option --color[=<WHEN>]: \"pink\" is wrong"),
        ("status now", "status: \"now\" is too much"),
        ("context show 7 8", "context show: \"8\" is one ID too many"),
        ("context show seven", "context: \"seven\" is not a number"),
        ("context show 4294967296", "context: 4294967296 is too large"),
        ("context show 7 peer ::1", "context show: a number and other words do not go together"),
        ("context show state asleep", "\"asleep\" is not one of idle, i1-sent, i2-sent, i2bis-sent, established, e-failed, no-support"),
        ("context show peer 1.2.3.4", "\"1.2.3.4\" is not an IPv6 address"),
        ("context show peer", "context show: ADDRESS is missing after \"peer\""),
        ("st", "\"st\" could be status, stats"),
        ("contxt", "\"contxt\" is not known; do you mean context?"),
        ("-b /nonexistent", "cannot read /nonexistent: No such file or directory"),
        ("-b /dev/null status", "-batch and an object do not go together"),
        ("context switch 7", "context switch: \"from ADDRESS to ADDRESS\" is missing"),
        ("context switch 7 from 2001:db8::1", "context switch: \"from\" and \"to\" go together"),
        ("context probe 7 peer 2001:db8::1", "context probe: a number and other words do not go together"),
        ("context advise 7", "context advise: \"that works\" or \"that fails\" is missing"),
        ("context advise 7 that sleeps", "\"sleeps\" is not one of works, fails"),
        ("context fork", "context fork: \"local ADDRESS\" is missing"),
        ("context flush 7", "context flush: \"7\" is not one of local, peer, fii, state, reap, tag, tag-peer, from, to, hba"),
        ("locator set 2001:db8::1", "locator set: one of priority, weight, broken, temporary is missing"),
        ("locator set 2001:db8::1 broken perhaps", "broken: \"perhaps\" is not on or off"),
        ("locator add 2001:db8::1 weight heavy", "weight: \"heavy\" is not a number"),
        ("locator del", "locator del: ADDRESS is missing"),
        ("stats --graph", "stats show: \"--graph\" is not the name of a statistic"),
        ("-j stats --prometheus", "stats show: -json and \"prometheus\" do not go together"),
        ("show nothing", "set: \"nothing\" is not a setting; see \"shim6 set\""),
        ("top", "top: the standard output is no terminal; see \"shim6 monitor\""),
        ("top interval soon", "interval: a time is as 500ms, 10s or 2m"),
        ("top interval 1ms", "interval: it is 100ms at least"),
        ("save file", "save: FILE is missing after \"file\""),
        ("save hba /nonexistent", "cannot find /nonexistent: No such file or directory"),
        ("restore", "restore: FILE is missing"),
        ("restore /nonexistent", "cannot read /nonexistent: No such file or directory"),
        ("restore /dev/null", "/dev/null: this is not a configuration of shim6: it is empty"),
        ("context show peer ::1 peer ::2", "\"peer\" is given twice"),
        ("context show tag 0xx", "tag: \"0xx\" is not a number"),
        ("context add local 2001:db8::1", "context add: \"peer ADDRESS\" is missing"),
        ("context add 7", "context add: \"7\" is not one of local, peer, fii"),
        ("context del", "context del: \"local ADDRESS\" is missing"),
        ("context explore local 2001:db8::1 peer 2001:db8::2 fii x", "fii: \"x\" is not a number"),
        ("peer show nobody", "\"nobody\" is not an IPv6 address"),
        ("peer check", "peer check: ADDRESS is missing"),
        ("peer check 2001:db8::1 timeout soon", "timeout: a time is as 500ms, 10s or 2m"),
        ("peer flush 2001:db8::1 2001:db8::2", "peer flush: \"2001:db8::2\" is one ADDRESS too many"),
        ("locator show eth0", "\"eth0\" is not an IPv6 address"),
        ("stats show nothing", "stats show: \"nothing\" is not the name of a statistic"),
        ("set send-timeout", "shim6 is not loaded: modprobe shim6"),
        ("set send-timeout long", "set: \"long\" is not a value of send-timeout"),
        ("monitor kernel", "monitor: \"kernel\" is not one of all, context, hba, locator, policy, set"),
        ("hba generate", "hba generate: PREFIX is missing"),
        ("hba generate 2001:db8::/48", "\"2001:db8::/48\": a prefix has 64 bits"),
        ("hba generate 2001:db8:a:1:: 2001:db8:a:1::", "the prefix \"2001:db8:a:1::\" is given twice, or is not one of global or unique local addresses"),
        ("hba generate fe80::/64", "the prefix \"fe80::/64\" is given twice, or is not one of global or unique local addresses"),
        ("hba generate 2001:db8:a:1:: sec 3", "sec: 3 is not 0, 1 or 2"),
        ("hba generate 2001:db8:a:1:: label two,words,that,are,much,too,long,for,one", "a label has 1 to 31 octets"),
        ("hba verify /nonexistent", "cannot read /nonexistent: No such file or directory"),
        ("hba verify /dev/null", "cannot read /dev/null: this is not a file of an HBA set: it is empty"),
        ("hba load", "hba load: FILE is missing"),
        ("hba remove", "hba remove: SET, or \"file FILE\", is missing"),
        ("hba remove 1 file x", "hba remove: a set and a file do not go together"),
    ] {
        let run = run(line);
        assert_eq!(run.errors, format!("Error: {sentence}\n"), "shim6 {line}");
        assert_eq!(run.output, "", "shim6 {line}");
        let expected = if sentence.contains("not loaded") { 2 } else { 1 };
        assert_eq!(run.status, expected, "shim6 {line}");
    }
}

#[test]
fn without_the_module_each_object_says_so_and_the_status_is_2() {
    for line in [
        "status",
        "context",
        "peer",
        "peer flush",
        "peer check 2001:db8::1",
        "con sh",
        "hba",
        "locator",
        "set",
        "stats",
        "monitor",
        "context del 7",
        "context flush",
        "context show sockets",
        "locator del 2001:db8::1",
        "stats --prometheus",
        "show",
        "save",
        "-s -d -br context",
    ] {
        let run = run(line);
        assert_eq!(
            run.errors, "Error: shim6 is not loaded: modprobe shim6\n",
            "shim6 {line}"
        );
        assert_eq!((run.status, run.output.as_str()), (2, ""), "shim6 {line}");
    }
    let run = run("-j status");
    assert_eq!(
        (run.status, run.output.as_str(), run.errors.as_str()),
        (2, "{\"loaded\":false}\n", "")
    );
}

/// Gives the command a standard input.
fn run_with(line: &str, input: impl AsRef<[u8]>) -> Run {
    let words: Vec<_> = line.split_whitespace().collect();
    let mut child = Command::new(env!("CARGO_BIN_EXE_shim6"))
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_ref()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    Run {
        status: output.status.code().expect("it is not killed"),
        output: String::from_utf8(output.stdout).expect("text"),
        errors: String::from_utf8(output.stderr).expect("text"),
    }
}

#[test]
fn a_batch_ends_at_the_first_line_that_fails() {
    let lines = "# a comment\nhba help\nhba verify /dev/null\ncontext\n";
    let run = run_with("-b -", lines);
    assert!(run.output.contains("generate"), "{}", run.output);
    assert_eq!(
        run.errors,
        "Error: cannot read /dev/null: this is not a file of an HBA set: it is empty\nCommand failed -:3\n"
    );
    assert_eq!(run.status, 1);
}

#[test]
fn a_batch_goes_on_by_force_and_tells_the_first_failure_by_its_status() {
    let run = run_with("-force -b -", "context\nhba \\\n verify\n-j status\n\"\n");
    assert_eq!(
        run.errors,
        "Error: shim6 is not loaded: modprobe shim6\nCommand failed -:1\n\
         Error: hba verify: FILE is missing\nCommand failed -:2\n\
         Error: \"-j\": options are given once, before -batch\nCommand failed -:4\n\
         Error: a second \" is missing\nCommand failed -:5\n"
    );
    assert_eq!(run.status, 2);
    assert_eq!(run_with("-b -", "").status, 0);
}

#[test]
fn a_line_that_is_no_text_is_a_failure_of_that_line() {
    let run = run_with("-force -b -", b"context\nhba \\\n\xff\nhba verify\n");
    let errors: Vec<_> = run.errors.lines().collect();
    assert_eq!(errors[1], "Command failed -:1");
    assert!(errors[2].starts_with("Error: the line is no text of UTF-8"));
    assert_eq!(errors[3], "Command failed -:2");
    assert_eq!(errors[5], "Command failed -:4");
    assert_eq!(run.status, 2);
}

#[test]
fn a_batch_that_cannot_be_read_is_named() {
    let run = run("-b /");
    let errors = "Error: cannot read /: Is a directory\nCommand failed /:1\n";
    assert_eq!(run.errors, errors);
    assert_eq!(run.status, 1);
}

#[test]
fn a_batch_from_the_standard_input_has_no_configuration_there() {
    let run = run_with("-force -b -", "restore -\nhba verify\n");
    assert_eq!(
        run.errors,
        "Error: restore -: the standard input is that of the batch; name a file\nCommand failed -:1\n\
         Error: hba verify: FILE is missing\nCommand failed -:2\n"
    );
    assert_eq!(run.status, 1);
}

#[test]
fn a_namespace_that_is_not_there_is_named() {
    let run = run("-n no-such-namespace status");
    assert_eq!(run.errors, "Error: cannot enter the network namespace \"no-such-namespace\": No such file or directory\n");
    assert_eq!(run.status, 2);
}

#[test]
fn help_is_everywhere_and_names_every_word() {
    for (line, words) in [
        (
            "help",
            &[
                "status",
                "context",
                "hba",
                "locator",
                "set",
                "stats",
                "monitor",
                "--netns",
                "Exit status",
            ] as &[&str],
        ),
        ("peer help", &["show", "check", "flush"]),
        ("context help", &["show", "add", "del", "explore"]),
        (
            "context show help",
            &[
                "shim6 context show [ID] [local ADDRESS]",
                "reap STATE",
                "Local context tag",
            ],
        ),
        (
            "context help add",
            &[
                "shim6 context add [local ADDRESS]",
                "Forked Instance Identifier",
            ],
        ),
        (
            "hba help",
            &["generate", "load", "show", "verify", "remove"],
        ),
        (
            "hba generate --help",
            &["shim6 hba generate PREFIX...", "sec 0|1|2"],
        ),
        (
            "set help",
            &[
                "send-timeout (1000 to 100000)",
                "Default 15000",
                "icmp-deliver-all",
            ],
        ),
        ("monitor help", &["context, hba, locator, policy or set"]),
        ("stats help", &["show", "Verbs", "I1 messages sent"]),
        (
            "policy help",
            &["tell-not", "The first rule that matches decides", "compute"],
        ),
        ("policy add help", &["answers not counted", "user USER"]),
        ("stats show help", &["--prometheus"]),
        ("locator set help", &["priority NUMBER", "temporary on|off"]),
        ("restore help", &["shim6 restore FILE [check]"]),
        ("save help", &["/etc/shim6"]),
        ("-V", &[env!("CARGO_PKG_VERSION")]),
    ] {
        let run = run(line);
        assert_eq!((run.status, run.errors.as_str()), (0, ""), "shim6 {line}");
        for word in words {
            assert!(
                run.output.contains(word),
                "shim6 {line}: {word} is not in\n{}",
                run.output
            );
        }
    }
}

#[test]
fn a_set_is_made_kept_shown_and_verified() {
    let path = path("kept");
    let file = path.display();
    let made = run(&format!(
        "-j hba gen 2001:db8:a:1::/64 2001:db8:b:1:: la home f {file}"
    ));
    assert_eq!((made.status, made.errors.as_str()), (0, ""));
    let made: Value = serde_json::from_str(&made.output).expect("JSON");
    assert_eq!(made["label"], "home");
    assert_eq!(made["sec"], 0);
    let addresses: Vec<_> = made["addresses"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|a| a.as_str().expect("text"))
        .collect();
    assert!(
        addresses[0].starts_with("2001:db8:a:1:") && addresses[1].starts_with("2001:db8:b:1:"),
        "{addresses:?}"
    );

    let text = run(&format!("hba show file {file}"));
    assert_eq!(
        text.output,
        format!(
            "hba file {file} label home sec 0\n    address {}\n    address {}\n",
            addresses[0], addresses[1]
        )
    );
    let line = run(&format!("-o hba verify {file}"));
    assert_eq!(
        line.output,
        format!(
            "hba file {file} label home sec 0\\    address {}\\    address {}\n",
            addresses[0], addresses[1]
        )
    );
    let shown: Value =
        serde_json::from_str(&run(&format!("-j hba show file {file}")).output).expect("JSON");
    assert_eq!(shown, Value::from_iter([made]));

    let again = run(&format!("hba generate 2001:db8:a:1:: file {file}"));
    assert_eq!(again.status, 1);
    assert!(
        again.errors.contains("is there already"),
        "{}",
        again.errors
    );
    std::fs::remove_file(&path).expect("it was written");
}

#[test]
fn a_set_without_a_file_goes_to_the_output_and_can_be_loaded_from_there() {
    let path = path("redirected");
    let made = run("hba generate 2001:db8:a:1::/64 sec 1");
    assert_eq!(made.status, 0, "{}", made.errors);
    std::fs::write(&path, &made.output).expect("it is written");
    let verified = run(&format!("hba verify {}", path.display()));
    assert_eq!((verified.status, verified.errors.as_str()), (0, ""));
    let broken = made.output.replace("sec 1", "sec 2");
    std::fs::write(&path, broken).expect("it is written");
    let refused = run(&format!("hba load {}", path.display()));
    assert_eq!(refused.status, 1);
    assert!(
        refused
            .errors
            .ends_with("they were made for a smaller sec\n"),
        "{}",
        refused.errors
    );
    std::fs::remove_file(&path).expect("it was written");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let shell = format!(
        "{} help | true; echo ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_shim6")
    );
    let output = Command::new("bash")
        .args(["-c", &shell])
        .output()
        .expect("bash runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
