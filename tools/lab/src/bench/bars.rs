// SPDX-License-Identifier: GPL-2.0
//! Ratios as bars, one chart for each group, SVG and PNG from the same drawing.

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::{plot, Failure};

const SIZE: (u32, u32) = (1200, 760);
/// The lower end of the bars: what matters is near one.
const FLOOR: f64 = 0.5;
const OURS: RGBColor = RGBColor(0x1b, 0x7f, 0x4d);
const OTHERS: RGBColor = RGBColor(0x6b, 0x6b, 0x6b);

/// One bar.
pub struct Bar {
    /// What stands below it.
    pub name: String,
    /// Its height.
    pub ratio: f64,
    /// Whether it stands for shim6, and not for a peer.
    pub is_ours: bool,
    /// The height that must be reached, or not passed.
    pub limit: Option<f64>,
}

/// The bars of one chart.
pub struct Group {
    /// What stands above them.
    pub title: String,
    /// The bars.
    pub bars: Vec<Bar>,
}

/// A picture.
pub struct Picture {
    /// What stands above all.
    pub title: &'static str,
    /// The upper end of what is shown.
    pub ceiling: f64,
    /// The charts.
    pub groups: Vec<Group>,
}

/// Draws to `NAME.svg` and `NAME.png`.
pub fn draw(out: &Path, name: &str, picture: &Picture) -> Result<(), Failure> {
    plot::use_font()?;
    let (svg, png) = (
        out.join(name).with_extension("svg"),
        out.join(name).with_extension("png"),
    );
    charts(SVGBackend::new(&svg, SIZE).into_drawing_area(), picture)
        .and_then(|()| charts(BitMapBackend::new(&png, SIZE).into_drawing_area(), picture))
        .map_err(|e| Failure::new(format!("the picture {name}: {e}")))
}

fn charts<B: DrawingBackend>(area: DrawingArea<B, Shift>, picture: &Picture) -> Result<(), String>
where
    B::ErrorType: 'static,
{
    let say = |e: DrawingAreaErrorKind<B::ErrorType>| e.to_string();
    area.fill(&WHITE).map_err(say)?;
    let below = area
        .titled(picture.title, ("sans-serif", 24))
        .map_err(say)?;
    let rows = if picture.groups.len() > 2 { 2 } else { 1 };
    let columns = picture.groups.len().div_ceil(rows).max(1);
    for (place, group) in below
        .split_evenly((rows, columns))
        .iter()
        .zip(&picture.groups)
    {
        chart(place, group, picture.ceiling).map_err(say)?;
    }
    area.present().map_err(say)
}

fn chart<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    group: &Group,
    ceiling: f64,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>>
where
    B::ErrorType: 'static,
{
    let mut chart = ChartBuilder::on(area)
        .caption(&group.title, ("sans-serif", 18))
        .margin(12)
        .y_label_area_size(40)
        .build_cartesian_2d(0.0..group.bars.len() as f64, FLOOR..ceiling)?;
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
        let colour = if bar.is_ours { OURS } else { OTHERS };
        let top = bar.ratio.clamp(FLOOR, ceiling);
        chart.draw_series([Rectangle::new(
            [(left, FLOOR), (right, top)],
            colour.filled(),
        )])?;
        if let Some(limit) = bar.limit {
            chart.draw_series([PathElement::new(
                [(left, limit), (right, limit)],
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
