// SPDX-License-Identifier: GPL-2.0
//! What is seen of the board: a head, the contexts, the details of one, the latest events, and the keys.

use super::board::{Board, Row};
use crate::show::time;
use libshim6::spec::{ContextState, Enumeration, ReapState};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Text};
use ratatui::widgets::{self, Block, Borders, Cell, Paragraph, Table, TableState};
use ratatui::Frame;

/// The keys and what they do.
pub(crate) const KEYS: [(&str, &str); 5] = [
    ("q", "quit"),
    ("up, down", "choose a context"),
    ("Enter", "its details"),
    ("s", "order by state, rate, switch or number"),
    ("space", "hold still, or go on"),
];

/// Lines of events that are seen, with their frame.
const EVENT_LINES: u16 = 8;

/// Draws the board.
pub(super) fn draw(frame: &mut Frame<'_>, board: &Board, has_colors: bool) {
    let details = u16::try_from(board.details.len()).unwrap_or(u16::MAX);
    let details = if details == 0 { 0 } else { details + 1 };
    let [head, contexts, detail, events, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(5),
        Constraint::Length(details.min(frame.area().height / 2)),
        Constraint::Length(EVENT_LINES.min(frame.area().height / 3)),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    let paused = if board.is_paused {
        "  (held still)"
    } else {
        ""
    };
    let title = format!("shim6 top  {}{paused}", board.summary());
    frame.render_widget(
        Paragraph::new(title).style(Style::new().add_modifier(Modifier::BOLD)),
        head,
    );
    draw_contexts(frame, contexts, board, has_colors);
    draw_lines(frame, detail, "details", &board.details);
    let seen = usize::from(events.height.saturating_sub(1));
    let first = board.events.len().saturating_sub(seen);
    let latest: Vec<String> = board.events.iter().skip(first).cloned().collect();
    draw_lines(frame, events, "events", &latest);
    let help: Vec<_> = KEYS
        .iter()
        .map(|(key, meaning)| format!("{key}: {meaning}"))
        .collect();
    frame.render_widget(Paragraph::new(help.join("   ")), keys);
}

fn draw_contexts(frame: &mut Frame<'_>, area: Rect, board: &Board, has_colors: bool) {
    let (seen, chosen) = seen(board, usize::from(area.height));
    let wide = seen
        .iter()
        .flat_map(|row| [row.ulids.local, row.ulids.peer])
        .map(|address| address.to_string().len())
        .max()
        .unwrap_or(0)
        .max(12);
    let address = Constraint::Length(u16::try_from(wide).unwrap_or(39) + 4);
    let widths = [
        Constraint::Length(7),
        Constraint::Length(12),
        Constraint::Length(12),
        address,
        address,
        Constraint::Length(9),
        Constraint::Length(9),
        Constraint::Min(12),
    ];
    let header = [
        "ID", "STATE", "REAP", "LOCAL", "PEER", "TX/s", "RX/s", "SWITCHED",
    ];
    let rows = seen.iter().map(|row| to_row(row, has_colors));
    let title = format!("contexts by {}", board.order.name());
    let table = Table::new(rows, widths)
        .header(widgets::Row::new(header).style(Style::new().add_modifier(Modifier::BOLD)))
        .row_highlight_style(Style::new().add_modifier(Modifier::REVERSED))
        .block(Block::new().borders(Borders::TOP).title(title));
    let mut state = TableState::new().with_selected(chosen);
    frame.render_stateful_widget(table, area, &mut state);
}

/// The contexts that have room, about the one that is chosen, and the place of that one among them: of very many only these
/// are laid out.
fn seen(board: &Board, lines: usize) -> (&[Row], Option<usize>) {
    let chosen = board.chosen_row();
    let last = board.rows.len().saturating_sub(lines);
    let first = chosen.unwrap_or(0).saturating_sub(lines / 2).min(last);
    let rows = board.rows.iter().as_slice();
    let rows = rows.get(first..).unwrap_or(&[]);
    (
        rows.get(..2 * lines).unwrap_or(rows),
        chosen.map(|row| row - first),
    )
}

/// A context: its ULIDs, and below them the locators in use if these are others.
fn to_row(row: &Row, has_colors: bool) -> widgets::Row<'static> {
    let path = row.path;
    let address = |ulid: String, locator: Option<String>| {
        let mut lines = vec![Line::from(ulid)];
        lines.extend(locator.map(|locator| Line::from(format!("via {locator}"))));
        Cell::from(Text::from(lines))
    };
    let color = |style: Style| if has_colors { style } else { Style::new() };
    let state = Cell::from(row.state.name()).style(color(state_style(row.state)));
    let reap = row.reap_state.map_or(Cell::from("-"), |reap| {
        Cell::from(reap.name()).style(color(reap_style(reap)))
    });
    let ulids = row.ulids;
    widgets::Row::new([
        Cell::from(row.id.to_string()),
        state,
        reap,
        address(
            ulids.local.to_string(),
            path.map(|path| path.local.to_string()),
        ),
        address(
            ulids.peer.to_string(),
            path.map(|path| path.peer.to_string()),
        ),
        Cell::from(rate(row.rate.tx)),
        Cell::from(rate(row.rate.rx)),
        Cell::from(switched(row)),
    ])
    .height(if path.is_some() { 2 } else { 1 })
}

fn state_style(state: ContextState) -> Style {
    match state {
        ContextState::Established => Style::new().fg(Color::Green),
        ContextState::EFailed | ContextState::NoSupport => Style::new().fg(Color::Red),
        _ => Style::new().fg(Color::Yellow),
    }
}

fn reap_style(state: ReapState) -> Style {
    match state {
        ReapState::Operational => Style::new().fg(Color::Green),
        _ => Style::new().fg(Color::Red),
    }
}

/// Since when and why other locators are in use, and how long nothing came.
fn switched(row: &Row) -> Text<'static> {
    let Some(cause) = row.switch_cause else {
        return Text::from("-");
    };
    let age = row.switch_age.map(time).unwrap_or_default();
    let mut lines = vec![Line::from(format!("{age} ago, {}", cause.name()))];
    if let Some(outage) = row.outage {
        lines.push(Line::from(format!("outage {}", time(outage))));
    }
    Text::from(lines)
}

/// Octets in one second, short.
fn rate(octets: f64) -> String {
    match octets {
        rate if rate <= 0.0 => "-".to_owned(),
        rate if rate < 1e3 => format!("{rate:.0} B"),
        rate if rate < 1e6 => format!("{:.1} kB", rate / 1e3),
        rate if rate < 1e9 => format!("{:.1} MB", rate / 1e6),
        rate => format!("{:.1} GB", rate / 1e9),
    }
}

fn draw_lines(frame: &mut Frame<'_>, area: Rect, title: &'static str, lines: &[String]) {
    let text: Vec<_> = lines.iter().map(|line| Line::from(line.as_str())).collect();
    let block = Block::new().borders(Borders::TOP).title(title);
    frame.render_widget(Paragraph::new(text).block(block), area);
}

#[cfg(test)]
mod tests {
    use super::super::board::tests::{context, rows};
    use super::*;
    use crate::options::Options;
    use crate::output::Output;
    use crate::show::{self, Interfaces};
    use ratatui::backend::TestBackend;
    use ratatui::Terminal;
    use std::time::{Duration, Instant};

    /// The screen as lines.
    fn screen(board: &Board, has_colors: bool) -> (Vec<String>, bool) {
        let mut terminal = Terminal::new(TestBackend::new(120, 30)).expect("a screen");
        terminal
            .draw(|frame| draw(frame, board, has_colors))
            .expect("it is drawn");
        let buffer = terminal.backend().buffer();
        let lines = (0..30).map(|y| {
            let cells = (0..120).map(|x| buffer[(x, y)].symbol());
            cells.collect::<String>().trim_end().to_owned()
        });
        let colored = buffer.content().iter().any(|cell| cell.fg != Color::Reset);
        (lines.collect(), colored)
    }

    fn board() -> Board {
        let mut board = Board::default();
        let begin = Instant::now();
        board.update(rows(&[context(1, 1000), context(2, 0)]), begin);
        let later = begin + Duration::from_secs(1);
        board.update(rows(&[context(1, 3500), context(2, 0)]), later);
        board.happened("context switched 1 cause send-timeout".to_owned());
        board
    }

    #[test]
    fn a_switched_context_shows_its_path_rate_and_cause() {
        let (lines, _) = screen(&board(), true);
        assert_eq!(
            lines[0],
            "shim6 top  contexts 2  2 established, 1 on other locators"
        );
        let row = lines
            .iter()
            .position(|line| line.starts_with("1 "))
            .expect("its row");
        for word in [
            "established",
            "operational",
            "2001:db8:a:1::7",
            "2001:db8:c:1::80",
            "2.5 kB",
            "5.000s ago, send-timeout",
        ] {
            assert!(lines[row].contains(word), "{word}: {}", lines[row]);
        }
        assert!(
            lines[row + 1].contains("via 2001:db8:b:1::7"),
            "{}",
            lines[row + 1]
        );
        assert!(
            lines[row + 1].contains("outage 1.500s"),
            "{}",
            lines[row + 1]
        );
        assert!(lines
            .iter()
            .any(|line| line == "context switched 1 cause send-timeout"));
        assert!(lines[29].starts_with("q: quit"), "{}", lines[29]);
    }

    #[test]
    fn there_are_colors_only_if_they_are_wanted() {
        assert!(screen(&board(), true).1);
        assert!(!screen(&board(), false).1);
    }

    #[test]
    fn details_are_those_of_the_chosen_context() {
        let mut board = board();
        let options = Options {
            details: true,
            ..Options::default()
        };
        let output = Output::new(&options);
        board.details = show::context(&context(2, 0), &Interfaces::default(), &output);
        let (lines, _) = screen(&board, false);
        let wanted =
            "context 2 local 2001:db8:a:1::7 peer 2001:db8:c:1::80 state established operational";
        assert!(lines.iter().any(|line| line == wanted), "{lines:#?}");
    }

    #[test]
    fn of_very_many_the_chosen_one_is_seen_wherever_it_is() {
        let mut board = Board::default();
        let many: Vec<_> = (1..=5000)
            .map(|id| context(id, u64::from(id % 2)))
            .collect();
        board.update(rows(&many), Instant::now());
        for (step, id) in [
            (0, 1),
            (2499, 2500),
            (-3, 2497),
            (9999, 5000),
            (-1, 4999),
            (-9999, 1),
        ] {
            board.choose(step);
            let (lines, _) = screen(&board, false);
            let row = format!("{id:<7}");
            assert!(
                lines.iter().any(|line| line.starts_with(&row)),
                "{id}: {lines:#?}"
            );
        }
    }

    #[test]
    fn a_small_screen_is_no_trouble() {
        let mut terminal = Terminal::new(TestBackend::new(9, 3)).expect("a screen");
        let result = terminal.draw(|frame| draw(frame, &board(), true));
        assert!(result.is_ok());
    }

    #[test]
    fn rates_are_short() {
        let rates = [0.0, 7.0, 2500.0, 3.2e6, 1.5e9].map(rate);
        assert_eq!(rates, ["-", "7 B", "2.5 kB", "3.2 MB", "1.5 GB"]);
    }
}
