//! What becomes of formulas as models write them.

use kaiwa_formulas::to_mathml;
use proptest::{prelude::*, sample::select};

#[test]
fn usual_formulas_are_set() {
    let mut refused = Vec::new();
    for tex in [
        "x",
        r"x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}",
        r"\sum_{k=1}^{n} k = \frac{n(n+1)}{2}",
        r"\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}",
        r"\lim_{h \to 0} \frac{f(x+h)-f(x)}{h}",
        "\\begin{pmatrix}\na & -b \\\\\nb & a\n\\end{pmatrix}, \\quad \\{x_1, x_2\\}",
        r"\begin{align} x + y &= 3 \\ x - y &= 1 \end{align}",
        r"\begin{align*} x &= 1 \\ &= 2 \end{align*}",
        r"f(x) = \begin{cases} 0 & \text{if } x < 0 \\ 1 & \text{otherwise} \end{cases}",
        r"\begin{equation} E = mc^2 \label{eq:e} \tag{1} \end{equation}",
        r"\mathbb{R}^n \to \mathcal{L}, \mathbf{v} \cdot \hat{u}, \vec{F}, \overline{z}",
        r"\alpha \le \beta \ne \gamma \in \Gamma \cup \emptyset \implies \forall x \exists y",
        r"P(A \mid B) = \frac{P(B \mid A)\,P(A)}{P(B)}",
        r"\left( \frac{a}{b} \right)^{2} \binom{n}{k}",
        r"设 \text{速度} = v_0 + at",
        r"\boxed{42}",
        r"\underbrace{a + b}_{n} \overset{!}{=} \stackrel{\text{def}}{=}",
        r"\nabla \times \mathbf{E} = -\frac{\partial \mathbf{B}}{\partial t}",
        r"\operatorname{argmin}_{\theta} \log p",
        r"a \xrightarrow{f} b, \dots, \cdots, \ldots",
    ] {
        for is_display in [false, true] {
            let mathml = to_mathml(tex, is_display).unwrap_or_default();
            if !(mathml.starts_with("<math") && mathml.ends_with("</math>")) || mathml.contains("merror") {
                refused.push(tex);
            }
        }
    }
    assert_eq!(refused, Vec::<&str>::new());
}

#[test]
fn what_cannot_be_parsed_is_refused() {
    for tex in [
        "",
        " ",
        r"\unknowncommand{x}",
        r"\frac{1}{",
        "x}",
        r"\begin{align} x",
        r"\end{align}",
        r"\left( x",
        "x^",
        r"\href{javascript:alert(1)}{x}",
        &"{".repeat(10_000),
        &"x".repeat(10_000),
        &(r"\left(".repeat(500) + &r"\right)".repeat(500)),
        &(r"\sqrt{".repeat(500) + &"}".repeat(500)),
    ] {
        assert_eq!(to_mathml(tex, true), None, "{tex:.60}");
    }
}

#[test]
fn nothing_in_a_formula_becomes_markup() {
    for tex in [
        r"\text{<img src=x onerror=alert(1)>}",
        r#"\text{"><script>alert(1)</script>}"#,
        r"a < b > c",
        r"a<b",
        r"x \& y",
        r"\mathrm{<b>}",
        r"\operatorname{<svg/onload=alert(1)>}",
        r#"\color{red"onmouseover="alert(1)} x"#,
        r"\textcolor{#f00;background:url(//evil.example)}{x}",
    ] {
        if let Some(mathml) = to_mathml(tex, false) {
            for markup in ["<img", "<script", "<b>", "<svg", "onmouseover=\"", "url(", "<<", "< "] {
                assert!(!mathml.contains(markup), "{tex}: {mathml}");
            }
        }
    }
}

const FRAGMENTS: &[&str] = &[
    "x",
    "1",
    "+",
    "=",
    "<",
    "&",
    "#",
    "%",
    "~",
    "'",
    "$",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "|",
    "^",
    "_",
    "\\",
    "\\\\",
    " ",
    "\n",
    "\\frac",
    "\\sqrt",
    "\\left",
    "\\right",
    "\\begin{align}",
    "\\end{align}",
    "\\begin{array}{c|c}",
    "\\end{array}",
    "\\begin{cases}",
    "\\end{cases}",
    "\\text{",
    "\\mathbb",
    "\\sum",
    "\\limits",
    "\\hline",
    "\\color{red}",
    "\\def\\a{x}",
    "\\a",
    "\\newcommand",
    "\\hspace{1em}",
    "\\big",
    "\\middle",
    "\\not",
    "\\over",
    "\\substack{",
    "\\tag{1}",
    "\\label{",
    "\\char",
    "\\rule",
    "\\operatorname",
    "\\overset",
    "\\hat",
    "\\xrightarrow",
    "中",
    "é",
    "😀",
    "\u{301}",
    "\0",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_input_makes_it_panic(parts in prop::collection::vec(select(FRAGMENTS.to_vec()), 0..24), any in any::<String>()) {
        to_mathml(&parts.concat(), true);
        to_mathml(&any, false);
    }
}
