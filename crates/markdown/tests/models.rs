//! What models write differently than `CommonMark` says.

mod support;

use kaiwa_markdown::{Block, Delimiters, Inline, Stream, parse};
use support::{addresses_of, visit, words_of};

/// The blocks of a text, which do not depend on how it arrives: at once, by line or by character.
fn read(text: &str) -> Vec<Block> {
    let whole = parse(text);
    for pieces in [
        text.split_inclusive('\n').map(str::to_owned).collect(),
        text.chars().map(String::from).collect::<Vec<_>>(),
    ] {
        let mut stream = Stream::new();
        for piece in pieces {
            stream.push(&piece);
            stream.tail();
        }
        let finish = stream.finish();
        assert_eq!(finish.blocks, whole, "{text:?}");
        assert_eq!(finish.changed, Vec::<usize>::new(), "{text:?}");
    }
    whole
}

/// The formulas in a text, as they were written.
fn formulas(text: &str) -> Vec<String> {
    fn of_blocks(blocks: &[Block], found: &mut Vec<String>) {
        for block in blocks {
            match block {
                Block::Math(formula) => found.push(formula.source()),
                Block::Quote(inner)
                | Block::Alert { blocks: inner, .. }
                | Block::Details { blocks: inner, .. } => {
                    of_blocks(inner, found);
                }
                Block::List { items, .. } => items.iter().for_each(|item| of_blocks(&item.blocks, found)),
                other => visit(std::slice::from_ref(other), &mut |inline| {
                    if let Inline::Math(formula) = inline {
                        found.push(formula.source());
                    }
                }),
            }
        }
    }
    let mut found = Vec::new();
    of_blocks(&read(text), &mut found);
    found
}

/// The text with the marks of its strong, emphasised and struck-out parts.
fn marked(text: &str) -> String {
    fn append(into: &mut String, content: &[Inline]) {
        for inline in content {
            let (mark, inner) = match inline {
                Inline::Text(text) | Inline::Code(text) => {
                    into.push_str(text);
                    continue;
                }
                Inline::Strong(inner) => ("[b]", inner),
                Inline::Emphasis(inner) => ("[i]", inner),
                Inline::Strikethrough(inner) => ("[s]", inner),
                _ => continue,
            };
            into.push_str(mark);
            append(into, inner);
            into.push_str(mark);
        }
    }
    let mut plain = String::new();
    for block in read(text) {
        match &block {
            Block::Paragraph(content) => append(&mut plain, content),
            other => plain.push_str(&words_of(std::slice::from_ref(other))),
        }
    }
    plain
}

#[test]
fn formulas_in_brackets_are_kept_verbatim() {
    for (text, expected) in [
        (
            r"The area is \( A = \pi r^2 \) and \(a_1*b_2*c_3\) too.",
            vec![r"\( A = \pi r^2 \)", r"\(a_1*b_2*c_3\)"],
        ),
        (
            "\\[\nM = \\begin{pmatrix}\na & -b \\\\\nb & a\n\\end{pmatrix}, \\quad \\{x_1, x_2\\} * \\{y_1\\} * 2\n\\]\n\nDone.",
            vec![
                "\\[\nM = \\begin{pmatrix}\na & -b \\\\\nb & a\n\\end{pmatrix}, \\quad \\{x_1, x_2\\} * \\{y_1\\} * 2\n\\]",
            ],
        ),
        // Lines that would begin a list, a heading, a quotation, a table or code.
        (
            "\\[\na\n+ b\n- c\n=\n# d\n> 0\n    e\n| f |\n---\n1. g\n\\]\n",
            vec!["\\[\na\n+ b\n- c\n=\n# d\n> 0\n    e\n| f |\n---\n1. g\n\\]"],
        ),
        ("\\[\n\nx = 1\n\ny = 2\n\\]\n\nAfter", vec!["\\[\n\nx = 1\n\ny = 2\n\\]"]),
        ("$$\na\n+ b\n= c\n$$\n", vec!["$$\na\n+ b\n= c\n$$"]),
        ("a \\(x\ny\\) b", vec!["\\(x\ny\\)"]),
        (r"设 \(f(x)=x_1*x_2\)，则**\(f\)**连续", vec![r"\(f(x)=x_1*x_2\)", r"\(f\)"]),
        (r"\(a\)\(b\)", vec![r"\(a\)", r"\(b\)"]),
        (r"see \[ \text{if } x<y \& z \\[2pt] \] here", vec![r"\[ \text{if } x<y \& z \\[2pt] \]"]),
        (
            "1. one\n\n   \\[\n   a_1\n   - b_1\n   \\]\n\n2. two \\(c\\)",
            vec!["\\[\na_1\n- b_1\n\\]", r"\(c\)"],
        ),
        ("> \\[\n> a_1\n> + b_1\n> \\]\n", vec!["\\[\na_1\n+ b_1\n\\]"]),
        ("| a | b |\n|---|---|\n| \\(|x|\\) | \\(y_1\\) |\n", vec![r"\(|x|\)", r"\(y_1\)"]),
        (r"# \(x^2\) and **bold \(y_1\)**", vec![r"\(x^2\)", r"\(y_1\)"]),
        (r"\( \text{costs } $5 \)", vec![r"\( \text{costs } $5 \)"]),
    ] {
        assert_eq!(formulas(text), expected, "{text:?}");
    }
    for (text, expected) in [
        (
            "\\begin{align}\na_1 &= b \\\\\n+ c_1 &= d\n\\end{align}\n\nDone.",
            vec!["\\begin{align}\na_1 &= b \\\\\n+ c_1 &= d\n\\end{align}"],
        ),
        (
            "矩阵\\begin{pmatrix}1 & 2\\\\3 & 4\\end{pmatrix}可逆",
            vec!["\\begin{pmatrix}1 & 2\\\\3 & 4\\end{pmatrix}"],
        ),
        (
            "\\begin{cases}\\begin{cases}a\\end{cases}\\\\b\\end{cases} \\begin{align*}c\\end{align*}",
            vec![
                "\\begin{cases}\\begin{cases}a\\end{cases}\\\\b\\end{cases}",
                "\\begin{align*}c\\end{align*}",
            ],
        ),
        ("see $`a_1*b_2`$, $`c`$", vec!["$`a_1*b_2`$", "$`c`$"]),
        (
            "- x\n\n  \\begin{equation}\n  - y_1\n  \\end{equation}\n- z",
            vec!["\\begin{equation}\n- y_1\n\\end{equation}"],
        ),
        ("```math\nx_1\n\ny_1\n```\n\nDone", vec!["```math\nx_1\n\ny_1\n```"]),
        ("1. a\n   ```math\n   x_1\n\n   y_1\n   ```\n2. b", vec!["```math\nx_1\n\ny_1\n```"]),
        ("~~~Math\nz\n~~~", vec!["```math\nz\n```"]),
    ] {
        assert_eq!(formulas(text), expected, "{text:?}");
    }
    let blocks = parse("\\[ x \\]");
    assert!(
        matches!(&blocks[..], [Block::Math(formula)] if formula.tex == " x " && formula.delimiters == Delimiters::Brackets)
    );
}

#[test]
fn brackets_that_are_no_formulas_are_left_alone() {
    for text in [
        r"`\(` begins and `\)` ends one",
        r"`\(x\)`",
        r"\\(not one\\)",
        r"\begin{itemize}\item a\end{itemize}",
        r"\begin{align} never ended",
        "\\begin{align}\na\n\nb\n\n- c",
        r"`\begin{align}a\end{align}`",
        "```tex\n\\begin{align}\na\n\\end{align}\n```",
        r"\\begin{align}a\end{align}",
        r"\(never closed",
        "\\(a\n\nb\\)",
        r"- \[ \] open",
        r"\[a label\](https://example.com)",
        r"[Mercury](https://en.wikipedia.org/wiki/Mercury_\(planet\))",
        "```\n\\(x\\)\n```\n\n\\)",
        "\\[\n```\n\\]\n```\n",
    ] {
        assert_eq!(formulas(text), Vec::<String>::new(), "{text:?}");
    }
    assert_eq!(addresses_of(&read(r"[a](https://en.example/a_\(b\))")), ["https://en.example/a_(b)"]);
    for code in
        ["  \\[\n  x_1\n\n  + y\n  \\]\n", "\\[\n\nx\n\\]\n", "echo $A-$B $$x$$ $n$\n", "**（a）**b\n"]
    {
        assert!(
            matches!(&read(&format!("```tex\n{code}```\n"))[..], [Block::Code { code: shown, .. }] if shown == code)
        );
        let quoted = format!("> ```tex\n{code}```").replace('\n', "\n> ");
        assert!(
            matches!(&read(&quoted)[..], [Block::Quote(inner)] if matches!(&inner[..], [Block::Code { code: shown, .. }] if shown == code))
        );
    }
}

#[test]
fn chinese_emphasis_is_where_a_reader_expects_it() {
    for (text, expected) in [
        ("**提示：**先关灯。", "[b]提示：[b]先关灯。"),
        (
            "**票价：**45元，**座位：**B12，**车次：**K7。",
            "[b]票价：[b]45元，[b]座位：[b]B12，[b]车次：[b]K7。",
        ),
        ("**雨停之后，**we 出发。", "[b]雨停之后，[b]we 出发。"),
        ("请装Ruby**（3.4版）**再试。", "请装Ruby[b]（3.4版）[b]再试。"),
        ("**路线快。**GPS比地图快3倍。", "[b]路线快。[b]GPS比地图快3倍。"),
        ("~~旧价（含税）~~80元。", "[s]旧价（含税）[s]80元。"),
        ("駅**（北口）**A、**「B」**C。", "駅[b]（北口）[b]A、[b]「B」[b]C。"),
        ("**长度（米）**3，**`size`：**n=4。", "[b]长度（米）[b]3，[b]size：[b]n=4。"),
        (
            "**甲：**A方案；**乙：**B方案；**丙：**C方案。",
            "[b]甲：[b]A方案；[b]乙：[b]B方案；[b]丙：[b]C方案。",
        ),
        ("增长**12%**左右，达到**¥45**。", "增长[b]12%[b]左右，达到[b]¥45[b]。"),
        ("*注意：*see below，__重点：__B", "[i]注意：[i]see below，[b]重点：[b]B"),
        ("한국어**(중요)**입니다", "한국어[b](중요)[b]입니다"),
        ("***重要！***OK", "[i][b]重要！[b][i]OK"),
        ("使用**《指南》**v2和**“引号”**的", "使用[b]《指南》[b]v2和[b]“引号”[b]的"),
        ("2*（3+4）*5，调用__init__方法，snake_case_名", "2*（3+4）*5，调用__init__方法，snake_case_名"),
        ("3 ** 2 与 a**b**c", "3 ** 2 与 a[b]b[b]c"),
    ] {
        assert_eq!(marked(text), expected, "{text:?}");
    }
    let items = read("- **日期：**2026年11月27日");
    assert!(
        matches!(&items[..], [Block::List { items, .. }] if matches!(&items[0].blocks[..], [Block::Paragraph(content)] if matches!(content[0], Inline::Strong(_))))
    );
}

#[test]
fn money_is_never_a_formula() {
    for text in [
        "A ticket is $30-$45, or $12/$18 for children.",
        "Rent went from $900→$870 (**3%** less), US$7~US$9 a coffee.",
        "茶从$4到$5，或者$6、$8。",
        "The small lamp ($52) and the tall one ($71) differ by **$19**.",
        "from $5 to $10, $5–$10, $1.5M—$2M, $.50/$1",
        "$5 (US$), 5$/10$, 从4$到5$, 20$—30$",
        "**$5**/**$6**, HK$5/HK$6, A$1:A$2",
        "run $`ls` or `x`$ or $`y",
        "cheap $, fine $$, best $$$ or $$-$$$",
        "| $5 | b$6 | $7$8 |\n|---|---|---|\n| $1-$2 | $3 | from $4 to $5 |",
        "每斤$3、两斤$5（约¥36）到$8",
        "`$HOME`,$5 and `$PATH`,$6",
        "between $5 and 10$ a day",
        "$$ (mid-range) or $$ again, $$-$$",
        "\\$5 and \\$6, $PATH/$HOME",
    ] {
        assert_eq!(formulas(text), Vec::<String>::new(), "{text:?}");
    }
    for (text, expected) in [
        ("Let $n$ be 3; then $n+1$ is 4.", vec!["$n$", "$n+1$"]),
        ("It costs $30 when $n$ is 3, ($52) with $x_1$.", vec!["$n$", "$x_1$"]),
        ("设$x$为$5$，$2x+1$和$3 \\times 4$", vec!["$x$", "$5$", "$2x+1$", "$3 \\times 4$"]),
        ("the $n$-th and $-1$, **$E=mc^2$**", vec!["$n$", "$-1$", "$E=mc^2$"]),
        ("`$A`,$x$ and $\\text{costs } \\$5$", vec!["$x$", "$\\text{costs } \\$5$"]),
        ("| $x$ | $y$ |\n|---|---|\n", vec!["$x$", "$y$"]),
    ] {
        assert_eq!(formulas(text), expected, "{text:?}");
    }
}

#[test]
fn fences_within_a_markdown_fence_nest() {
    let file = "# Packing\nPrint it like this:\n```\nrope, lamp\n```\n## Data\n```json\n{\"rope\": 1}\n```\n";
    let deeper = "Intro\n```markdown\n## Inner\n```js\nx\n```\n```\n\nOutro\n";
    let text = "Use:\n```bash\nls\n```\n\n```js\nx\n```\n";
    for (opening, closing, code) in [
        ("```markdown", "```", file),
        ("```md", "```", file),
        ("```Markdown title", "```", deeper),
        ("~~~markdown", "~~~", &*file.replace("```", "~~~")),
        ("````markdown", "````", file),
        ("```markdown", "```", text),
        ("```markdown", "```", "# A\n"),
    ] {
        let blocks = read(&format!("The file:\n\n{opening}\n{code}{closing}\n\nAfter it.\n"));
        assert!(
            matches!(&blocks[..], [_, Block::Code { code: shown, .. }, Block::Paragraph(_)] if shown == code),
            "{opening} {code}: {blocks:#?}"
        );
    }
    let in_list = read("1. Save this:\n   ```markdown\n   # A\n   ```bash\n   ls\n   ```\n   ```\n2. Done\n");
    assert!(
        matches!(&in_list[..], [Block::List { items, .. }] if items.len() == 2
        && matches!(&items[0].blocks[1], Block::Code { code, .. } if code == "# A\n```bash\nls\n```\n")),
        "{in_list:#?}"
    );
    let quoted = read("> ```md\n> ```js\n> x\n> ```\n> ```\n\nAfter\n");
    assert!(matches!(&quoted[..], [Block::Quote(_), Block::Paragraph(_)]), "{quoted:#?}");
}

#[test]
fn a_markdown_fence_without_inner_fences_ends_at_the_first_one() {
    for text in [
        "```markdown\n# A\n```\nThat is it.\n\nMore text.\n",
        "```markdown\n# A\n```\nThen run:\n```bash\nls\n```\n",
        "```markdown\n# A\n```\n\nOutput:\n```\nx\n```\n",
        "```text\n```js\nx\n```\n\nAfter\n",
    ] {
        let blocks = read(text);
        assert!(
            matches!(&blocks[..], [Block::Code { .. }, Block::Paragraph(_), ..]),
            "{text:?}: {blocks:#?}"
        );
    }
    // A file with too few closing fences ends at the first one.
    let blocks = parse("```markdown\n# A\n```json\n{}\n```\n\nAfter\n");
    assert!(matches!(&blocks[..], [Block::Code { .. }, Block::Paragraph(_)]), "{blocks:#?}");
}

#[test]
fn single_line_breaks_are_kept() {
    for (text, expected) in [
        ("Roses are red\nViolets are blue", 1),
        ("床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。", 3),
        ("- Jane Doe\n  1 Road\n  Town", 2),
        ("> a\n> b", 1),
        ("**a\nb** c  \nd", 2),
    ] {
        let mut breaks = 0;
        for block in read(text) {
            let blocks = [block];
            visit(&blocks, &mut |inline| breaks += usize::from(*inline == Inline::LineBreak));
        }
        assert_eq!(breaks, expected, "{text:?}");
    }
}
