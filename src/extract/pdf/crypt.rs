//! The standard security handler with the empty user password: RC4 and AES, revisions 2 to 6.

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit};
use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};

use super::object::{Dict, Object};
use crate::extract::error::{ExtractError, Result, damaged};

const PADDING: [u8; 32] = [
    0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E, 0x2E, 0x00,
    0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    None,
    Rc4,
    Aes128,
    Aes256,
}

/// The key of a document and how strings and streams are encrypted with it.
pub(super) struct Crypt {
    key: Vec<u8>,
    strings: Method,
    streams: Method,
}

impl Crypt {
    /// Opens the document with the empty user password. `dict` must hold no references.
    pub(super) fn open(dict: &Dict, first_id: &[u8]) -> Result<Self> {
        let unknown = |method: &str| ExtractError::UnknownEncryption { method: method.to_owned() };
        let filter = dict.name(b"Filter").unwrap_or(b"Standard");
        if filter != b"Standard" {
            return Err(unknown(&String::from_utf8_lossy(filter)));
        }
        let version = dict.int(b"V").unwrap_or(0);
        let revision = dict.int(b"R").unwrap_or(2);
        let (strings, streams) = match version {
            1 | 2 => (Method::Rc4, Method::Rc4),
            4 | 5 => (crypt_filter(dict, b"StrF")?, crypt_filter(dict, b"StmF")?),
            _ => return Err(unknown(&format!("version {version}"))),
        };
        let length = match version {
            1 => 5,
            // The length is in bits; some writers give it in bytes.
            2 => match dict.int(b"Length").unwrap_or(40) {
                bits @ 40..=128 => (bits / 8) as usize,
                bytes @ 5..=16 => bytes as usize,
                _ => 5,
            },
            _ => 16,
        };
        let key =
            if revision >= 5 { key_from_256(dict, revision)? } else { key_from_md5(dict, first_id, revision, length)? };
        Ok(Self { key, strings, streams })
    }

    pub(super) fn string(&self, data: &[u8], id: (u32, u16)) -> Vec<u8> {
        self.decrypt(self.strings, data, id)
    }

    pub(super) fn stream(&self, data: &[u8], id: (u32, u16)) -> Vec<u8> {
        self.decrypt(self.streams, data, id)
    }

    fn decrypt(&self, method: Method, data: &[u8], (number, generation): (u32, u16)) -> Vec<u8> {
        let object_key = |salt: &[u8]| {
            let mut hash = Md5::new();
            hash.update(&self.key);
            hash.update(&number.to_le_bytes()[..3]);
            hash.update(generation.to_le_bytes());
            hash.update(salt);
            hash.finalize()[..(self.key.len() + 5).min(16)].to_vec()
        };
        match method {
            Method::None => data.to_vec(),
            Method::Rc4 => rc4(&object_key(b""), data),
            Method::Aes128 => unpad(aes_cbc::<cbc::Decryptor<aes::Aes128>>(&object_key(b"sAlT"), data)),
            Method::Aes256 => unpad(aes_cbc::<cbc::Decryptor<aes::Aes256>>(&self.key, data)),
        }
    }
}

fn crypt_filter(dict: &Dict, which: &[u8]) -> Result<Method> {
    let name = dict.name(which).unwrap_or(b"Identity");
    if name == b"Identity" {
        return Ok(Method::None);
    }
    let filter =
        dict.get(b"CF").and_then(Object::as_dict).and_then(|filters| filters.get(name)).and_then(Object::as_dict);
    match filter.and_then(|filter| filter.name(b"CFM")) {
        Some(b"V2") => Ok(Method::Rc4),
        Some(b"AESV2") => Ok(Method::Aes128),
        Some(b"AESV3") => Ok(Method::Aes256),
        Some(b"None") | None => Ok(Method::None),
        Some(other) => Err(ExtractError::UnknownEncryption { method: String::from_utf8_lossy(other).into_owned() }),
    }
}

fn password_bytes<'d>(dict: &'d Dict, key: &[u8], length: usize) -> Result<&'d [u8]> {
    match dict.get(key).and_then(Object::as_string).and_then(|bytes| bytes.get(..length)) {
        Some(bytes) => Ok(bytes),
        None => damaged("its encryption dictionary is incomplete"),
    }
}

/// Revisions 2 to 4.
fn key_from_md5(dict: &Dict, first_id: &[u8], revision: i64, length: usize) -> Result<Vec<u8>> {
    let mut hash = Md5::new();
    hash.update(PADDING);
    hash.update(password_bytes(dict, b"O", 32)?);
    hash.update((dict.int(b"P").unwrap_or(0) as u32).to_le_bytes());
    hash.update(first_id);
    if revision >= 4 && dict.get(b"EncryptMetadata") == Some(&Object::Bool(false)) {
        hash.update([0xFF; 4]);
    }
    let mut key = hash.finalize().to_vec();
    key.truncate(length);
    if revision >= 3 {
        for _ in 0..50 {
            key = Md5::digest(&key).to_vec();
            key.truncate(length);
        }
    }
    let user = password_bytes(dict, b"U", 16)?;
    let expected = if revision >= 3 {
        let mut check = Md5::new();
        check.update(PADDING);
        check.update(first_id);
        let mut check = rc4(&key, &check.finalize());
        for round in 1..=19 {
            let round_key: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
            check = rc4(&round_key, &check);
        }
        check
    } else {
        rc4(&key, &PADDING)
    };
    if expected[..16] == *user { Ok(key) } else { Err(ExtractError::Encrypted) }
}

/// Revisions 5 and 6.
fn key_from_256(dict: &Dict, revision: i64) -> Result<Vec<u8>> {
    let user = password_bytes(dict, b"U", 48)?;
    let packed = password_bytes(dict, b"UE", 32)?;
    let hash = |salt: &[u8]| if revision == 5 { Sha256::digest(salt).to_vec() } else { hash_revision_6(salt) };
    if hash(&user[32..40])[..32] != user[..32] {
        return Err(ExtractError::Encrypted);
    }
    let mut data = vec![0; 16];
    data.extend_from_slice(packed);
    Ok(aes_cbc::<cbc::Decryptor<aes::Aes256>>(&hash(&user[40..48]), &data))
}

/// Algorithm 2.B of ISO 32000-2 for the empty user password.
fn hash_revision_6(salt: &[u8]) -> Vec<u8> {
    let mut key = Sha256::digest(salt).to_vec();
    let mut round = 0;
    loop {
        let mut data = key.repeat(64);
        let length = data.len();
        let Ok(cipher) = cbc::Encryptor::<aes::Aes128>::new_from_slices(&key[..16], &key[16..32]) else { return key };
        // The data are whole blocks: 64 times 32, 48 or 64 bytes.
        if cipher.encrypt_padded_mut::<NoPadding>(&mut data, length).is_err() {
            return key;
        }
        key = match data[..16].iter().map(|&byte| u32::from(byte)).sum::<u32>() % 3 {
            0 => Sha256::digest(&data).to_vec(),
            1 => Sha384::digest(&data).to_vec(),
            _ => Sha512::digest(&data).to_vec(),
        };
        round += 1;
        if round >= 64 && data.last().is_none_or(|&last| i32::from(last) <= round - 32) {
            key.truncate(32);
            return key;
        }
    }
}

/// Decrypts whole blocks after the initialisation vector; the padding stays.
fn aes_cbc<C: KeyIvInit + BlockDecryptMut>(key: &[u8], data: &[u8]) -> Vec<u8> {
    if data.len() < 32 {
        return Vec::new();
    }
    let (vector, data) = data.split_at(16);
    let mut data = data[..data.len() / 16 * 16].to_vec();
    let decrypted = C::new_from_slices(key, vector)
        .ok()
        .and_then(|cipher| cipher.decrypt_padded_mut::<NoPadding>(&mut data).ok().map(<[u8]>::len));
    data.truncate(decrypted.unwrap_or(0));
    data
}

fn unpad(mut data: Vec<u8>) -> Vec<u8> {
    if let Some(&padding @ 1..=16) = data.last() {
        data.truncate(data.len().saturating_sub(usize::from(padding)));
    }
    data
}

fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut state: [u8; 256] = std::array::from_fn(|i| i as u8);
    let mut j = 0_u8;
    for i in 0..256 {
        j = j.wrapping_add(state[i]).wrapping_add(key[i % key.len()]);
        state.swap(i, usize::from(j));
    }
    let (mut i, mut j) = (0_u8, 0_u8);
    data.iter()
        .map(|byte| {
            i = i.wrapping_add(1);
            j = j.wrapping_add(state[usize::from(i)]);
            state.swap(usize::from(i), usize::from(j));
            byte ^ state[usize::from(state[usize::from(i)].wrapping_add(state[usize::from(j)]))]
        })
        .collect()
}
