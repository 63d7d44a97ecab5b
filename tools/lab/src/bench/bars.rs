// SPDX-License-Identifier: GPL-2.0
//! Ratios as bars, one chart for each group, SVG and PNG from the same drawing.

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::{plot, Failure};

const SIZE: (u32, u32) = (1200, 760);
/// The lower end of the bars: what matters is near one.
const FLOOR: f64 = 0.5;
const CEILING: f64 = 1.08;
const OURS: RGBColor = RGBColor(0x1b, 0x7f, 0x4d);
const OTHERS: RGBColor = RGBColor(0x8f, 0x8f, 0x8f);

/// One bar.
pub struct Bar {
    /// What stands below it.
    pub name: &'static str,
    /// Its height.
    pub ratio: f64,
    /// The least height that is wanted; a bar that has one is ours.
    pub goal: Option<f64>,
}

/// The bars of one chart.
pub struct Group {
    /// What stands above them.
    pub title: String,
    /// The bars.
    pub bars: Vec<Bar>,
}

/// Draws to `NAME.svg` and `NAME.png`.
pub fn draw(out: &Path, name: &str, title: &str, groups: &[Group]) -> Result<(), Failure> {
    plot::use_font()?;
    let (svg, png) = (
        out.join(name).with_extension("svg"),
        out.join(name).with_extension("png"),
    );
    charts(
        SVGBackend::new(&svg, SIZE).into_drawing_area(),
        title,
        groups,
    )
    .and_then(|()| {
        charts(
            BitMapBackend::new(&png, SIZE).into_drawing_area(),
            title,
            groups,
        )
    })
    .map_err(|e| Failure::new(format!("the picture {name}: {e}")))
}

fn charts<B: DrawingBackend>(
    area: DrawingArea<B, Shift>,
    title: &str,
    groups: &[Group],
) -> Result<(), String>
where
    B::ErrorType: 'static,
{
    let say = |e: DrawingAreaErrorKind<B::ErrorType>| e.to_string();
    area.fill(&WHITE).map_err(say)?;
    let below = area.titled(title, ("sans-serif", 24)).map_err(say)?;
    let columns = groups.len().div_ceil(2).max(1);
    for (place, group) in below.split_evenly((2, columns)).iter().zip(groups) {
        chart(place, group).map_err(say)?;
    }
    area.present().map_err(say)
}

fn chart<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    group: &Group,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>>
where
    B::ErrorType: 'static,
{
    let mut chart = ChartBuilder::on(area)
        .caption(&group.title, ("sans-serif", 18))
        .margin(12)
        .y_label_area_size(40)
        .build_cartesian_2d(0.0..group.bars.len() as f64, FLOOR..CEILING)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .label_style(("sans-serif", 13))
        .y_label_formatter(&|y| format!("{y:.1}"))
        .draw()?;
    let upright = TextStyle::from(("sans-serif", 14).into_font())
        .transform(FontTransform::Rotate270)
        .color(&WHITE);
    for (n, bar) in group.bars.iter().enumerate() {
        let (left, right) = (n as f64 + 0.08, n as f64 + 0.92);
        let colour = if bar.goal.is_some() { OURS } else { OTHERS };
        let top = bar.ratio.clamp(FLOOR, CEILING);
        chart.draw_series([Rectangle::new(
            [(left, FLOOR), (right, top)],
            colour.filled(),
        )])?;
        if let Some(goal) = bar.goal {
            chart.draw_series([PathElement::new(
                [(left, goal), (right, goal)],
                RED.stroke_width(2),
            )])?;
        }
        let words = format!("{}  {:.3}", bar.name, bar.ratio);
        chart.draw_series([Text::new(
            words,
            (left + 0.24, FLOOR + 0.02),
            upright.clone(),
        )])?;
    }
    Ok(())
}
