//! Annotations of PASCAL VOC: an XML file for each picture. Only the elements that are needed are looked at.

use std::path::Path;

use ocelli::Error;
use ocelli::vision::Rect;
use ocelli::vision::average_precision::Truth;

use crate::context::io_error;

/// Reads the things of one picture; `labels` are the classes of the model. Empty boxes are left out.
pub fn read(path: &Path, labels: &[String]) -> Result<Vec<Truth>, Error> {
    let text = std::fs::read_to_string(path).map_err(|e| io_error(path, e))?;
    parse(&text, labels).map_err(|what| Error::Usage(format!("{}: {what}", path.display())))
}

fn parse(text: &str, labels: &[String]) -> Result<Vec<Truth>, String> {
    let mut things = Vec::new();
    let mut rest = text;
    while let Some((object, after)) = element(rest, "object") {
        rest = after;
        // A thing may have parts, each with a name and a box of its own, behind its own.
        let (name, _) = element(object, "name").ok_or("an object without a name")?;
        let class = labels.iter().position(|l| l == name.trim()).ok_or_else(|| {
            format!("an object is a {:?}, which the model does not know: [{}]", name.trim(), labels.join(", "))
        })?;
        let (corners, _) = element(object, "bndbox").ok_or_else(|| format!("object {name:?} without a bndbox"))?;
        let corner = |tag: &str| {
            let (value, _) = element(corners, tag).ok_or_else(|| format!("bndbox of {name:?} without {tag}"))?;
            let number = value.trim().parse::<f32>().ok().filter(|v| v.is_finite());
            number.ok_or_else(|| format!("{tag} of {name:?} is {value:?}, expected a number"))
        };
        let bbox = Rect::new(corner("xmin")?, corner("ymin")?, corner("xmax")?, corner("ymax")?);
        if bbox.area() > 0.0 {
            things.push(Truth { class, bbox });
        }
    }
    Ok(things)
}

/// What is inside the first `<tag>`, and what follows it.
fn element<'a>(text: &'a str, tag: &str) -> Option<(&'a str, &'a str)> {
    let (_, after) = text.split_once(&format!("<{tag}>"))?;
    after.split_once(&format!("</{tag}>"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

    use super::*;

    #[test]
    fn objects_are_read_and_mistakes_named() {
        let object = |name: &str, x0: &str| {
            format!(
                "<object>\n<name>{name}</name><bndbox><xmin>{x0}</xmin><ymin>2</ymin>\n<xmax>8</xmax><ymax> 9.5 </ymax>\
                 </bndbox></object>"
            )
        };
        let labels = ["a".to_owned(), "b".to_owned()];
        let text = format!("<annotation>{}{}{}</annotation>", object("b", "1"), object("a", "8"), object("a", "3"));
        let got = parse(&text, &labels).unwrap();
        let wanted = [(1, Rect::new(1.0, 2.0, 8.0, 9.5)), (0, Rect::new(3.0, 2.0, 8.0, 9.5))];
        assert_eq!(got, wanted.map(|(class, bbox)| Truth { class, bbox }));
        assert_eq!(parse("<annotation></annotation>", &labels).unwrap(), []);
        for (text, what) in [
            (object("c", "1"), "\"c\""),
            (object("a", "left"), "\"left\""),
            (object("a", "NaN"), "\"NaN\""),
            ("<object></object>".to_owned(), "without a name"),
            ("<object><name>a</name></object>".to_owned(), "without a bndbox"),
            ("<object><name>a</name><bndbox><xmin>1</xmin></bndbox></object>".to_owned(), "without ymin"),
        ] {
            let error = parse(&text, &labels).unwrap_err();
            assert!(error.contains(what), "{error}");
        }
    }
}
