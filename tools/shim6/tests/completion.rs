// SPDX-License-Identifier: GPL-2.0
//! Completion offers every object, verb, keyword and option, and the scripts for bash, zsh and fish pass them on.

use shim6::command::OPTIONS;
use shim6::completion::{candidates, Candidate};
use shim6::tree::OBJECTS;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The words that may follow.
fn words(done: &[&str], typed: &str) -> Vec<String> {
    candidates(done, typed)
        .into_iter()
        .map(|candidate| match candidate {
            Candidate::Word(word, _) => word,
            Candidate::File => ":file".to_owned(),
        })
        .collect()
}

/// Every place of a command line with what must be offered there.
fn places() -> Vec<(Vec<&'static str>, Vec<String>)> {
    let own = |name: &str| name.to_owned();
    let mut places = vec![(
        Vec::new(),
        OBJECTS.iter().map(|object| own(object.name)).collect(),
    )];
    for object in OBJECTS {
        let verbs = object.verbs.iter().filter(|verb| !verb.name.is_empty());
        places.push((
            vec![object.name],
            verbs.map(|verb| own(verb.name)).collect(),
        ));
        for verb in object.verbs {
            let mut line = vec![object.name];
            line.extend(Some(verb.name).filter(|name| !name.is_empty()));
            let needed = verb.grammar.plain.map_or(0, |plain| plain.min);
            line.extend(std::iter::repeat_n("x", needed));
            let keywords = verb.grammar.keywords.iter();
            places.push((line, keywords.map(|keyword| own(keyword.name)).collect()));
        }
    }
    places
}

#[test]
fn every_object_verb_and_keyword_is_offered_with_its_meaning() {
    let mut seen = 0;
    for (line, expected) in places() {
        let offered = candidates(&line, "");
        for word in expected {
            let found = offered.iter().find_map(|candidate| match candidate {
                Candidate::Word(one, meaning) if *one == word => Some(meaning),
                _ => None,
            });
            let meaning = found.unwrap_or_else(|| panic!("shim6 {line:?}: {word} is missing"));
            assert!(!meaning.is_empty(), "shim6 {line:?} {word}");
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen} words were looked for");
}

#[test]
fn every_option_is_offered_as_ip_writes_it() {
    let offered = words(&[], "-");
    assert_eq!(offered.len(), OPTIONS.len());
    for name in ["-json", "-brief", "-batch", "-Version", "-netns"] {
        assert!(offered.iter().any(|one| one == name), "{name}");
    }
}

#[test]
fn a_keyword_is_offered_once_and_its_value_after_it() {
    assert!(!words(&["context", "show", "state", "established"], "").contains(&"state".to_owned()));
    assert!(words(&["hba", "load", "f", "dev", "eth0"], "").contains(&"dev".to_owned()));
    assert!(words(&["con", "sh", "state"], "").contains(&"i1-sent".to_owned()));
    assert!(words(&["context", "show", "reap"], "").contains(&"exploring".to_owned()));
    assert_eq!(words(&["hba", "generate", "p", "sec"], ""), ["0", "1", "2"]);
    assert!(words(&["policy", "add"], "").contains(&"at-once".to_owned()));
    assert_eq!(words(&["hba", "generate", "p", "file"], ""), [":file"]);
    assert!(words(&["hba", "load", "f", "dev"], "").contains(&"lo".to_owned()));
    assert_eq!(words(&["hba", "load", "f", "nonsense"], ""), [""; 0]);
    assert_eq!(words(&["nonsense"], ""), [""; 0]);
}

#[test]
fn settings_alternate_with_values() {
    assert!(words(&["set"], "").contains(&"send-timeout".to_owned()));
    assert_eq!(words(&["set", "advice-icmp"], ""), ["default", "on", "off"]);
    assert!(words(&["set", "advice-icmp", "on"], "").contains(&"idle-timeout".to_owned()));
    assert!(words(&["show"], "").contains(&"idle-timeout".to_owned()));
}

#[test]
fn options_before_the_object_are_passed_over() {
    assert!(words(&["-j", "-n", "nowhere", "hba"], "").contains(&"generate".to_owned()));
    assert_eq!(words(&["-batch"], ""), [":file"]);
    assert!(words(&["-br", "-c=always"], "").contains(&"status".to_owned()));
}

/// A directory with the command in it under its name.
fn path_of_command() -> String {
    let command = Path::new(env!("CARGO_BIN_EXE_shim6"));
    let directory = command.parent().expect("it is in one").display();
    format!("{directory}:{}", std::env::var("PATH").unwrap_or_default())
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("completions")
        .join(name)
}

/// What a shell prints. None if there is no such shell, which only a host outside the build root may lack.
fn shell(program: &str, arguments: &[&str]) -> Option<Vec<String>> {
    let output = Command::new(program)
        .args(arguments)
        .env("PATH", path_of_command())
        .output();
    let output = match output {
        Err(error) if std::env::var_os("SHIM6_IN_ROOT").is_none() => {
            eprintln!("{program} is not looked at: {error}");
            return None;
        }
        output => output.expect("the shell runs"),
    };
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "",
        "{program} {arguments:?}"
    );
    let text = String::from_utf8(output.stdout).expect("text");
    Some(text.lines().map(str::to_owned).collect())
}

/// Lines of which every word that must be offered is looked for by each shell.
fn lines() -> Vec<(String, Vec<String>)> {
    places()
        .into_iter()
        .filter(|(line, _)| line.len() < 2 || line[0] == "context")
        .map(|(line, words)| (format!("shim6 {} ", line.join(" ")), words))
        .map(|(line, words)| (line.replace("  ", " "), words))
        .collect()
}

fn assert_offered(program: &str, line: &str, expected: &[String], offered: &[String]) {
    for word in expected {
        assert!(
            offered.iter().any(|one| one == word),
            "{program}: {word} after \"{line}\" is not in {offered:?}"
        );
    }
}

#[test]
fn bash_offers_them() {
    let script = script("shim6.bash");
    for (line, expected) in lines() {
        let ask = format!(
            ". {}; COMP_LINE='{line}' COMP_POINT={}; _shim6; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            script.display(),
            line.len()
        );
        let Some(offered) = shell("bash", &["-c", &ask]) else {
            return;
        };
        assert_offered("bash", &line, &expected, &offered);
    }
}

#[test]
fn bash_completes_files_and_halves_of_words() {
    let script = script("shim6.bash");
    let ask = |line: &str| {
        let ask = format!(
            ". {}; cd /; COMP_LINE='{line}' COMP_POINT={}; _shim6; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            script.display(),
            line.len()
        );
        shell("bash", &["-c", &ask]).unwrap_or_default()
    };
    assert!(ask("shim6 hba verify et").contains(&"etc".to_owned()));
    assert_eq!(ask("shim6 hba gen"), ["generate"]);
}

#[test]
fn zsh_offers_them() {
    let script = script("_shim6");
    for (line, expected) in lines() {
        let ask = format!(
            "_describe() {{ print -rl -- \"${{(@)${{(@P)4}}%%:*}}\" }}; _files() {{ print FILES }}; \
             words=({line}''); CURRENT=${{#words}}; source {}",
            script.display()
        );
        let Some(offered) = shell("zsh", &["-fc", &ask]) else {
            return;
        };
        assert_offered("zsh", &line, &expected, &offered);
    }
}

#[test]
fn fish_offers_them() {
    let script = script("shim6.fish");
    for (line, expected) in lines() {
        let ask = format!("source {}; complete -C '{line}'", script.display());
        let Some(offered) = shell("fish", &["--no-config", "-c", &ask]) else {
            return;
        };
        let offered: Vec<_> = offered
            .iter()
            .map(|line| line.split('\t').next().unwrap_or_default().to_owned())
            .collect();
        assert_offered("fish", &line, &expected, &offered);
    }
}
