// SPDX-License-Identifier: MIT OR GPL-2.0
//! A set that was written is read again, and a file that was tampered with is refused with the reason.

use libshim6::core::cga::Sec;
use libshim6::{check_label, generate, SetFile};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

fn file() -> SetFile {
    let prefixes = [
        [0x20, 1, 0xd, 0xb8, 0, 0xa, 0, 1],
        [0x20, 1, 0xd, 0xb8, 0, 0xb, 0, 1],
    ];
    SetFile {
        label: Some("home".to_owned()),
        set: generate(&prefixes, Sec::default(), |_| {}).expect("a set"),
    }
}

/// The complaint about a text.
fn complaint(text: &str) -> String {
    SetFile::parse(text)
        .expect_err("the text is wrong")
        .to_string()
}

#[test]
fn what_is_written_is_read_again() {
    let file = file();
    let text = file.to_text();
    assert_eq!(SetFile::parse(&text), Ok(file.clone()));
    let nameless = SetFile {
        label: None,
        ..file
    };
    assert_eq!(SetFile::parse(&nameless.to_text()), Ok(nameless));
    let spaced = text.replace('\n', "\r\n\n").replace("sec ", "sec \t ");
    assert!(
        SetFile::parse(&spaced).is_ok(),
        "blanks and the line ends of other systems do no harm"
    );
}

#[test]
fn a_wrong_line_is_named() {
    let text = file().to_text();
    assert_eq!(
        complaint(&text.replace("version 1", "version 9")),
        "line 3: version 9 of the file is not known"
    );
    assert_eq!(
        complaint(&text.replace("sec 0", "sec 3")),
        "line 5: sec is 0, 1 or 2, not \"3\""
    );
    assert_eq!(
        complaint(&text.replace("sec 0", "sec")),
        "line 5: a name without a value"
    );
    assert_eq!(
        complaint(&text.replace("sec 0", "sex 0")),
        "line 5: \"sex\" is not known here"
    );
    assert_eq!(
        complaint(&text.replace("label home", "label hö")),
        "line 4: a label cannot have 'ö' in it"
    );
    assert_eq!(
        complaint(&text.replace("address 2001", "address x2001")).get(..8),
        Some("line 6: ")
    );
    assert_eq!(
        complaint(&text.replacen("parameters ", "parameters g", 1)),
        "line 8: 'g' is not a hexadecimal digit"
    );
    assert_eq!(
        complaint(&text.replacen("parameters ", "parameters 0", 1)),
        "line 8: the number of hexadecimal digits is odd"
    );
    assert_eq!(
        complaint("hello world"),
        "line 1: this is not a file of an HBA set: \"version 1\" must come first"
    );
    assert_eq!(
        complaint(""),
        "this is not a file of an HBA set: it is empty"
    );
}

#[test]
fn addresses_and_parameters_must_belong_together() {
    let (ours, others) = (file(), file());
    let foreign = ours.to_text().replace(
        &ours.addresses()[0].to_string(),
        &others.addresses()[0].to_string(),
    );
    assert!(complaint(&foreign).ends_with("does not belong to the parameters"));
    let lines = ours.to_text();
    let first = format!("address {}\n", ours.addresses()[0]);
    assert!(complaint(&lines.replace(&first, "")).ends_with("is missing"));
    assert!(
        complaint(&lines.replace(&first, &format!("{first}{first}")))
            .ends_with("one is there twice")
    );
    assert!(
        complaint(&lines.replace("sec 0", "sec 2")).ends_with("they were made for a smaller sec")
    );
    let cut = lines.rsplit_once("parameters").expect("parameters").0;
    assert!(complaint(cut).starts_with("the parameters are not those of a set"));
}

#[test]
fn one_flipped_bit_of_the_parameters_is_found() {
    let file = file();
    let text = file.to_text();
    for position in 0..file.set.pds().len() {
        let mut pds = file.set.pds().to_vec();
        pds[position] ^= 1;
        let digits: Vec<_> = pds.iter().map(|octet| format!("{octet:02x}")).collect();
        let head: Vec<_> = text
            .lines()
            .filter(|line| !line.starts_with("parameters"))
            .collect();
        let changed = format!("{}\nparameters {}\n", head.join("\n"), digits.concat());
        // The subnet prefix is not part of a set: each address has its own.
        let is_subnet_prefix = (16..24).contains(&position);
        assert_eq!(
            SetFile::parse(&changed).is_ok(),
            is_subnet_prefix,
            "octet {position}"
        );
    }
}

#[test]
fn a_file_is_the_owners_alone_and_never_written_over() {
    let path =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("set-file-{}", std::process::id()));
    let file = file();
    file.write(&path).expect("it is written");
    assert_eq!(
        std::fs::metadata(&path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
    assert_eq!(SetFile::read(&path).expect("it is read"), file);
    let error = file
        .write(&path)
        .expect_err("it is there already")
        .to_string();
    assert!(error.ends_with("File exists"), "{error}");
    std::fs::remove_file(&path).expect("it is removed");
}

#[test]
fn labels_fit_the_kernel_and_one_line() {
    assert!(check_label("home-1").is_ok());
    for wrong in ["", "two words", "a\nb", &"x".repeat(32)] {
        assert!(check_label(wrong).is_err(), "{wrong:?}");
    }
}
