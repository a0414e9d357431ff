//! The few functions of the encoder that are not products of matrices.
//!
//! They are written out in plain arithmetic, in a fixed order, so that the same text gives the same digits in every
//! run and the compiler can work on many values at once.

/// e to the power x, for x <= 0 or small; relative error below 1e-6.
#[inline]
pub(super) fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let k = (x * std::f32::consts::LOG2_E + 0.5).floor();
    let r = x - k * 0.693_359_4 + k * 2.121_944_4e-4;
    let p =
        1.0 + r * (1.0 + r * (0.5 + r * (0.166_666_65 + r * (0.041_665_796 + r * (0.008_333_452 + r * 0.001_394_7)))));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "k is within [-126, 127]")]
    let power = f32::from_bits(((k as i32 + 127) as u32) << 23);
    p * power
}

/// The Gaussian error linear unit, with the error function to 1.5e-7 (Abramowitz and Stegun 7.1.26).
#[inline]
pub(super) fn gelu(x: f32) -> f32 {
    let z = (x * std::f32::consts::FRAC_1_SQRT_2).abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let poly = t * (0.254_829_6 + t * (-0.284_496_73 + t * (1.421_413_8 + t * (-1.453_152 + t * 1.061_405_4))));
    let erf = 1.0 - poly * exp(-z * z);
    0.5 * x * (1.0 + if x < 0.0 { -erf } else { erf })
}

/// Makes a row sum to one by the exponential rule.
pub(super) fn softmax(row: &mut [f32]) {
    let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for v in row.iter_mut() {
        *v = exp(*v - max);
        sum += *v;
    }
    for v in row {
        *v /= sum;
    }
}

/// Shifts and scales a row to mean zero and variance one, then by the learned gain and bias.
pub(super) fn normalise(row: &mut [f32], gain: &[f32], bias: &[f32]) {
    #[expect(clippy::cast_precision_loss, reason = "rows have a few hundred values")]
    let n = row.len() as f32;
    let mean = row.iter().sum::<f32>() / n;
    let variance = row.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / n;
    let scale = 1.0 / (variance + 1e-12).sqrt();
    for ((v, g), b) in row.iter_mut().zip(gain).zip(bias) {
        *v = (*v - mean) * scale * g + b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_agree_with_the_textbook() {
        for i in -800..=80 {
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let x = i as f32 / 10.0;
            let truth = f64::from(x).exp();
            assert!((f64::from(exp(x)) - truth).abs() <= truth * 2e-6, "exp({x})");
        }
        for (x, y) in
            [(-3.0, -0.004_049_694), (-0.5, -0.154_268_77), (0.0, 0.0), (1.0, 0.841_344_7), (4.0, 3.999_873_3)]
        {
            assert!((gelu(x) - y).abs() < 1e-5, "gelu({x}) = {}", gelu(x));
        }
    }
}
