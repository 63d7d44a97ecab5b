// SPDX-License-Identifier: GPL-2.0
//! Goodput over time as a picture, SVG and PNG from the same drawing.

use std::path::Path;

use plotters::prelude::*;
use plotters::style::{register_font, FontStyle};

use crate::Failure;

/// One run.
pub struct Curve {
    /// Its name in the legend.
    pub name: String,
    /// Seconds, Mbit/s.
    pub points: Vec<(f64, f64)>,
}

/// What a picture shows.
pub struct Picture<'a> {
    /// What is above it.
    pub title: &'a str,
    /// What the seconds are counted from.
    pub seconds: &'a str,
    /// A moment to mark, and what happened then.
    pub mark: Option<(f64, &'a str)>,
    /// The runs.
    pub curves: &'a [Curve],
}

/// The build root's font for the PNG; an SVG carries its text as text.
const FONT: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
const SIZE: (u32, u32) = (1200, 560);
const COLOURS: [RGBColor; 6] = [
    RGBColor(0x1b, 0x7f, 0x4d),
    RGBColor(0xc8, 0x3c, 0x2e),
    RGBColor(0x2f, 0x62, 0xad),
    RGBColor(0x8a, 0x5a, 0x9e),
    RGBColor(0xd6, 0x8a, 0x1c),
    RGBColor(0x4f, 0x4f, 0x4f),
];

/// Has text drawn with the font of the build root.
pub fn use_font() -> Result<(), Failure> {
    let font: &'static [u8] = Box::leak(
        std::fs::read(FONT)
            .map_err(|e| Failure::new(format!("{FONT}: {e}")))?
            .into_boxed_slice(),
    );
    register_font("sans-serif", FontStyle::Normal, font)
        .map_err(|_| Failure::new(format!("{FONT} is no font")))
}

/// Draws to `NAME.svg` and `NAME.png`.
pub fn draw(out: &Path, name: &str, picture: &Picture) -> Result<(), Failure> {
    use_font()?;
    let (svg, png) = (
        out.join(name).with_extension("svg"),
        out.join(name).with_extension("png"),
    );
    chart(SVGBackend::new(&svg, SIZE).into_drawing_area(), picture)
        .and_then(|()| chart(BitMapBackend::new(&png, SIZE).into_drawing_area(), picture))
        .map_err(|e| Failure::new(format!("the picture of the goodput: {e}")))
}

fn chart<B: DrawingBackend>(
    area: DrawingArea<B, plotters::coord::Shift>,
    picture: &Picture,
) -> Result<(), String>
where
    B::ErrorType: 'static,
{
    let say = |e: DrawingAreaErrorKind<B::ErrorType>| e.to_string();
    let all = || picture.curves.iter().flat_map(|curve| curve.points.iter());
    let begin = all().map(|p| p.0).fold(0.0, f64::min);
    let end = all().map(|p| p.0).fold(1.0, f64::max) * 1.01;
    let top = all().map(|p| p.1).fold(1.0, f64::max) * 1.15;
    area.fill(&WHITE).map_err(say)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(picture.title, ("sans-serif", 24))
        .margin(14)
        .x_label_area_size(46)
        .y_label_area_size(62)
        .build_cartesian_2d(begin..end, 0.0..top)
        .map_err(say)?;
    chart
        .configure_mesh()
        .x_desc(picture.seconds)
        .y_desc("goodput, Mbit/s")
        .label_style(("sans-serif", 15))
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| format!("{y:.0}"))
        .axis_desc_style(("sans-serif", 17))
        .light_line_style(WHITE.mix(0.0))
        .draw()
        .map_err(say)?;
    for (curve, colour) in picture.curves.iter().zip(COLOURS) {
        chart
            .draw_series(
                AreaSeries::new(curve.points.iter().copied(), 0.0, colour.mix(0.12))
                    .border_style(colour.stroke_width(2)),
            )
            .map_err(say)?
            .label(&curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 22, y)], colour.stroke_width(3)));
    }
    if let Some((at, what)) = picture.mark {
        chart
            .draw_series([PathElement::new(
                [(at, 0.0), (at, top * 0.97)],
                BLACK.mix(0.7).stroke_width(1),
            )])
            .map_err(say)?;
        chart
            .draw_series([Text::new(
                what.to_owned(),
                (at + (end - begin) * 0.005, top * 0.97),
                ("sans-serif", 15),
            )])
            .map_err(say)?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .label_font(("sans-serif", 17))
        .background_style(WHITE.mix(0.9))
        .border_style(BLACK.mix(0.3))
        .margin(10)
        .draw()
        .map_err(say)?;
    area.present().map_err(say)
}
