use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// The text of a kernel, made when it is first read: a plan names a kernel once for each of its calls and for candidates
/// that are not taken, a device compiles it once.
#[derive(Clone)]
pub struct Text(Arc<Lazy>);

struct Lazy {
    text: OnceLock<String>,
    make: Box<dyn Fn() -> String + Send + Sync>,
}

impl Text {
    /// The text that `make` returns.
    pub fn new(make: impl Fn() -> String + Send + Sync + 'static) -> Text {
        Text(Arc::new(Lazy { text: OnceLock::new(), make: Box::new(make) }))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.text.get_or_init(|| (self.0.make)())
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text::new(move || text.clone())
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn a_text_is_made_at_most_once() {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let text = Text::new(|| {
            MADE.fetch_add(1, Ordering::Relaxed);
            "fn main() {}".to_owned()
        });
        let copy = text.clone();
        assert_eq!(MADE.load(Ordering::Relaxed), 0);
        assert_eq!((text.as_str(), copy.len()), ("fn main() {}", 12));
        assert_eq!(MADE.load(Ordering::Relaxed), 1);
        assert_eq!(text, Text::from("fn main() {}".to_owned()));
        assert_ne!(text, Text::from(String::new()));
    }
}
