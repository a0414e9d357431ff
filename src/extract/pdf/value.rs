//! What an object holds, without the reasons that lopdf gives where it holds something else.

use lopdf::{Dictionary, Object};

/// Values of a dictionary by their key, references not followed.
pub(in crate::extract) trait Lookup {
    fn find(&self, key: &[u8]) -> Option<&Object>;

    fn name(&self, key: &[u8]) -> Option<&[u8]> {
        self.find(key).and_then(Value::name)
    }

    fn int(&self, key: &[u8]) -> Option<i64> {
        self.find(key).and_then(Value::int)
    }
}

impl Lookup for Dictionary {
    fn find(&self, key: &[u8]) -> Option<&Object> {
        self.as_hashmap().get(key)
    }
}

/// An object as the value that is wanted of it.
pub(in crate::extract) trait Value {
    fn name(&self) -> Option<&[u8]>;
    /// A number without what follows its point.
    fn int(&self) -> Option<i64>;
    fn number(&self) -> Option<f64>;
    fn items(&self) -> Option<&[Object]>;
    fn bytes(&self) -> Option<&[u8]>;
    /// The dictionary of a dictionary or stream.
    fn dict(&self) -> Option<&Dictionary>;
    /// The number of the object that a reference leads to.
    fn reference(&self) -> Option<u32>;
}

impl Value for Object {
    fn name(&self) -> Option<&[u8]> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    fn int(&self) -> Option<i64> {
        match self {
            Self::Integer(int) => Some(*int),
            Self::Real(real) => Some(*real as i64),
            _ => None,
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(int) => Some(*int as f64),
            Self::Real(real) => Some(f64::from(*real)),
            _ => None,
        }
    }

    fn items(&self) -> Option<&[Object]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    fn bytes(&self) -> Option<&[u8]> {
        if let Self::String(bytes, _) = self { Some(bytes) } else { None }
    }

    fn dict(&self) -> Option<&Dictionary> {
        match self {
            Self::Dictionary(dict) => Some(dict),
            Self::Stream(stream) => Some(&stream.dict),
            _ => None,
        }
    }

    fn reference(&self) -> Option<u32> {
        if let Self::Reference((number, _)) = self { Some(*number) } else { None }
    }
}
