// SPDX-License-Identifier: GPL-2.0
//! `shim6 top`: contexts, their paths, rates and events on the whole screen, as they are from moment to moment.
//!
//! [`board`] is what is known, [`draw`] what is seen of it; here are the terminal, the keys and the clock. Events come from
//! a thread of their own, the rest is asked for at each interval.

mod board;
mod draw;

use crate::failure::Failure;
use crate::grammar::{Grammar, Keyword};
use crate::monitor;
use crate::output::Output;
use crate::settings;
use crate::show::{self, Interfaces};
#[cfg(test)]
pub(crate) use board::tests::context;
use board::{Board, Row};
pub(crate) use draw::KEYS;
use libshim6::{Client, ContextFilter, ContextSelector, Error, Listener};
use ratatui::crossterm::event::{self, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::DefaultTerminal;
use std::io::IsTerminal;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// The time between two looks, unless it is told.
const INTERVAL: Duration = Duration::from_secs(1);
/// The shortest time between two looks.
const SHORTEST: Duration = Duration::from_millis(100);

/// The words of `top`.
pub(crate) const GRAMMAR: Grammar = Grammar {
    verb: "top",
    plain: None,
    keywords: &[
        Keyword::new(
            "interval",
            "TIME",
            "Time between two looks, 1s if not given, 100ms at least",
        ),
        Keyword::new(
            "count",
            "NUMBER",
            "How often to look; without end if not given",
        ),
    ],
};

/// What the keys do, for the help.
pub(crate) fn explanation() -> String {
    let mut text = GRAMMAR.explanation();
    text.push_str("\nKeys:\n");
    for (key, meaning) in KEYS {
        text.push_str(&format!("  {key:<10} {meaning}\n"));
    }
    text.push_str(
        "\nRates are of packets that go between other locators than the ULIDs: what was never switched is not counted, so \
         that it costs nothing.\n",
    );
    text
}

/// Shows the screen until it is told to stop.
pub(crate) fn act(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let words = GRAMMAR.read(words).map_err(Failure::Usage)?;
    let interval = words.get("interval").map_or(Ok(INTERVAL), interval);
    let interval = interval.map_err(Failure::Usage)?;
    let count = words.number("count").map_err(Failure::Usage)?;
    if !std::io::stdout().is_terminal() {
        return Err(Failure::usage(
            "top: the standard output is no terminal; see \"shim6 monitor\"".to_owned(),
        ));
    }
    let mut view = View {
        client: Client::open()?,
        events: listen()?,
        board: Board::default(),
        has_colors: output.options.color,
        details: Output::new(&crate::options::Options {
            details: true,
            ..output.options.clone()
        }),
    };
    view.look()?;
    let mut terminal = ratatui::try_init()?;
    let result = view.run(&mut terminal, interval, count);
    ratatui::restore();
    result
}

fn interval(word: &str) -> Result<Duration, String> {
    let time = settings::milliseconds(word)
        .map(|milliseconds| Duration::from_millis(milliseconds.into()))
        .ok_or_else(|| "interval: a time is as 500ms, 10s or 2m".to_owned())?;
    if time < SHORTEST {
        return Err("interval: it is 100ms at least".to_owned());
    }
    Ok(time)
}

/// Begins to listen to events; each comes as a sentence.
fn listen() -> Result<Receiver<Result<String, Error>>, Failure> {
    let mut listener = Listener::open()?;
    let mut interfaces = Interfaces::ask()?;
    let (sender, events) = mpsc::channel();
    thread::spawn(move || loop {
        let event = listener.next_event();
        // An interface that came meanwhile has a name, too.
        interfaces = Interfaces::ask().unwrap_or_else(|_| interfaces.clone());
        let is_over = event.is_err();
        let sentence = event.map(|event| monitor::sentence(&event, &interfaces));
        if sender.send(sentence).is_err() || is_over {
            return;
        }
    });
    Ok(events)
}

/// The screen and where it comes from.
struct View {
    client: Client,
    events: Receiver<Result<String, Error>>,
    board: Board,
    has_colors: bool,
    /// How the details of a context are written.
    details: Output,
}

impl View {
    /// Asks the kernel anew.
    fn look(&mut self) -> Result<(), Failure> {
        let mut rows = Vec::new();
        self.client
            .visit_contexts(&ContextFilter::default(), |context| {
                rows.push(Row::of(&context));
                Ok::<_, Error>(())
            })?;
        self.board.update(rows, Instant::now());
        self.describe()
    }

    /// Asks for the details of the context that is chosen, if they are wanted and it is still there.
    fn describe(&mut self) -> Result<(), Failure> {
        self.board.details = match self.board.described() {
            Some(id) => match self.client.context(ContextSelector::Id(id)) {
                Err(error) if error.is_not_there() => Vec::new(),
                context => show::context(&context?, &Interfaces::ask()?, &self.details),
            },
            None => Vec::new(),
        };
        Ok(())
    }

    fn run(
        &mut self,
        terminal: &mut DefaultTerminal,
        interval: Duration,
        count: Option<u64>,
    ) -> Result<(), Failure> {
        let mut looks: u64 = 1;
        let mut next = Instant::now() + interval;
        loop {
            self.hear()?;
            terminal.draw(|frame| draw::draw(frame, &self.board, self.has_colors))?;
            let rest = next.saturating_duration_since(Instant::now());
            // Events are seen a moment after they happen, whatever the interval.
            if event::poll(rest.min(SHORTEST))? {
                if let event::Event::Key(key) = event::read()? {
                    if !self.key(key)? {
                        return Ok(());
                    }
                }
            }
            if Instant::now() < next {
                continue;
            }
            if count.is_some_and(|count| looks >= count) {
                return Ok(());
            }
            looks += 1;
            if !self.board.is_paused {
                self.look()?;
            }
            // A look at very many takes its time, and the host is not to be kept busy by it.
            next = Instant::now() + interval;
        }
    }

    /// Takes the events that came.
    fn hear(&mut self) -> Result<(), Failure> {
        while let Ok(event) = self.events.try_recv() {
            self.board.happened(event?);
        }
        Ok(())
    }

    /// Does what a key says. False if it says to stop.
    fn key(&mut self, key: KeyEvent) -> Result<bool, Failure> {
        if key.kind == KeyEventKind::Release {
            return Ok(true);
        }
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('q') | KeyCode::Esc => return Ok(false),
            KeyCode::Char('c') if is_control => return Ok(false),
            KeyCode::Down | KeyCode::Char('j') => self.board.choose(1),
            KeyCode::Up | KeyCode::Char('k') => self.board.choose(-1),
            KeyCode::PageDown => self.board.choose(10),
            KeyCode::PageUp => self.board.choose(-10),
            KeyCode::Enter | KeyCode::Char('d') => {
                self.board.has_details = !self.board.has_details;
            }
            KeyCode::Char('s') => self.board.sort_otherwise(),
            KeyCode::Char(' ') | KeyCode::Char('p') => self.board.is_paused = !self.board.is_paused,
            _ => return Ok(true),
        }
        self.describe()?;
        Ok(true)
    }
}
