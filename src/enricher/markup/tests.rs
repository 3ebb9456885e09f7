use super::*;

mod whatever;

#[test]
fn titles() {
    for (raw, expected) in [
        ("A plain title", "A plain title"),
        ("CO<sub>2</sub> and <i>E. coli</i>", "CO2 and E. coli"),
        ("Trends &amp; more", "Trends & more"),
        ("&amp;lt;sup&amp;gt;13&amp;lt;/sup&amp;gt;C", "13C"),
        ("one&amp;nbsp;two", "one two"),
        (
            "&amp;amp;lt;i&amp;amp;gt;thrice&amp;amp;lt;/i&amp;amp;gt;",
            "thrice",
        ),
        ("&amp;amp;amp;lt; is what it says", "&lt; is what it says"),
        (
            "&lt;i&gt;In vivo&lt;/i&gt; at p &lt; 0.05",
            "In vivo at p < 0.05",
        ),
        ("p < 0.05 and 0.01 < x > 0.8", "p < 0.05 and 0.01 < x > 0.8"),
        ("if a<b and c>d", "if a<b and c>d"),
        ("<", "<"),
        (
            "<5%, or <Homo sapiens> & <sic>",
            "<5%, or <Homo sapiens> & <sic>",
        ),
        (
            "the mean <x>, <jane@library.edu> and <https://doi.org/10.5555/1>",
            "the mean <x>, <jane@library.edu> and <https://doi.org/10.5555/1>",
        ),
        ("  two\n   lines ", "two lines"),
        ("one<br/>two<break />three<br>four", "one two three four"),
        ("<scp>DNA</scp> repair", "DNA repair"),
        ("<b>not <i>closed", "not closed"),
        ("closed</i> only</b>", "closed only"),
        ("<I>Don Quixote</I> and L<SUB>1</SUB>", "Don Quixote and L1"),
        ("<weird:thing a='b > c'>kept</weird:thing>", "kept"),
        ("a <!-- note --> b<?pi x?>c", "a bc"),
        ("a <!-- b", "a <!-- b"),
        ("<![CDATA[x < y & z]]>", "x < y & z"),
        (
            "R&D at AT&T, policy&regulation",
            "R&D at AT&T, policy&regulation",
        ),
        ("e\u{301}tude", "étude"),
        ("MarrÃ£o", "Marrão"),
    ] {
        assert_eq!(plain(raw), expected, "{raw}");
    }
}

/// Titles as they were deposited.
#[test]
fn titles_of_real_works() {
    for (doi, raw, expected) in [
        (
            "10.5194/cp-2020-95",
            "The Atmospheric Bridge Communicated the δ&amp;lt;sup&amp;gt;13&amp;lt;/sup&amp;gt;C Decline during the Last Deglaciation to the Global Upper Ocean",
            "The Atmospheric Bridge Communicated the δ13C Decline during the Last Deglaciation to the Global Upper Ocean",
        ),
        ("10.1016/j.tvjl.2008.09.011", "", ""),
        (
            "10.1360/n112014-00137",
            "模糊测试技术研究",
            "模糊测试技术研究",
        ),
        // What is lost is not invented.
        (
            "10.3403/03054911u",
            "Plastics \u{fffd} Polyamides \u{fffd} Determination of ?-caprolactam and ?-laurolactam by gas chromatography",
            "Plastics \u{fffd} Polyamides \u{fffd} Determination of ?-caprolactam and ?-laurolactam by gas chromatography",
        ),
        (
            "10.1001/archpedi.1951.02040040742008",
            "IDIOPATHIC ACQUIRED HEMOLYTIC ANEMIA IN AN INFANT&lt;subtitle&gt;Successful Treatment with Corticotropin (ACTH)&lt;/subtitle&gt;",
            "IDIOPATHIC ACQUIRED HEMOLYTIC ANEMIA IN AN INFANT: Successful Treatment with Corticotropin (ACTH)",
        ),
        // Tags on lines of their own.
        (
            "10.7717/peerj.10050",
            "Are giant clams (\n                    <i>Tridacna maxima</i>\n                    ) distractible? A multi-modal study",
            "Are giant clams (Tridacna maxima) distractible? A multi-modal study",
        ),
        (
            "10.1002/cnr2.1628",
            "Retrospective study of\n            <scp>EGFR</scp>\n            ‐mutant lung adenocarcinoma with bone metastatic clinical features",
            "Retrospective study of EGFR‐mutant lung adenocarcinoma with bone metastatic clinical features",
        ),
        (
            "10.1029/2020gl090996",
            "Simultaneous Measurements of O\n            <sub>3</sub>\n            and HCOOH Vertical Fluxes Indicate Rapid In‐Canopy Terpene Chemistry Enhances O\n            <sub>3</sub>\n            Removal Over Mixed Temperate Forests",
            "Simultaneous Measurements of O3 and HCOOH Vertical Fluxes Indicate Rapid In‐Canopy Terpene Chemistry Enhances O3 Removal Over Mixed Temperate Forests",
        ),
        (
            "10.1002/2050-7038.12604/v2/review1",
            "Review for \"Simultaneous maximization of &lt;scp&gt;GenCo&lt;/scp&gt; 's revenue and minimization of &lt;scp&gt;ISO&lt;/scp&gt; 's purchase cost in adjacent power markets using &lt;scp&gt;MOPSO&lt;/scp&gt; and &lt;scp&gt;NSGA‐II&lt;/scp&gt; optimizers\"",
            "Review for \"Simultaneous maximization of GenCo's revenue and minimization of ISO's purchase cost in adjacent power markets using MOPSO and NSGA‐II optimizers\"",
        ),
        (
            "10.1111/dom.15036/v2/response1",
            "Author response for \"&lt;scp&gt;COVID&lt;/scp&gt; ‐19 Associated Ketosis and Diabetic Ketoacidosis: A Rapid Review\"",
            "Author response for \"COVID‐19 Associated Ketosis and Diabetic Ketoacidosis: A Rapid Review\"",
        ),
        (
            "10.1111/rec.12863",
            "Restoration Ecology\n's silver jubilee: innovation, debate, and creating a future for restoration ecology",
            "Restoration Ecology's silver jubilee: innovation, debate, and creating a future for restoration ecology",
        ),
        (
            "10.5040/9781350258532.0017",
            "The Philosopher’s Stone (Parash Pathar) 1958, The Holy Man ( Mahapurush ) 1964",
            "The Philosopher’s Stone (Parash Pathar) 1958, The Holy Man (Mahapurush) 1964",
        ),
        // Formulas, glued to words or to what they are an index of.
        (
            "10.1016/j.est.2023.106644",
            "Hybrid <mml:math xmlns:mml=\"http://www.w3.org/1998/Math/MathML\" altimg=\"si186.svg\" display=\"inline\" id=\"d1e824\"><mml:mrow><mml:mi>N</mml:mi><mml:mi>i</mml:mi><mml:mi>F</mml:mi><mml:msub><mml:mrow><mml:mi>e</mml:mi></mml:mrow><mml:mrow><mml:mn>2</mml:mn></mml:mrow></mml:msub><mml:msub><mml:mrow><mml:mi>O</mml:mi></mml:mrow><mml:mrow><mml:mn>4</mml:mn></mml:mrow></mml:msub></mml:mrow></mml:math>-<mml:math xmlns:mml=\"http://www.w3.org/1998/Math/MathML\" altimg=\"si27.svg\" display=\"inline\" id=\"d1e848\"><mml:mrow><mml:mi>N</mml:mi><mml:mi>i</mml:mi><mml:mi>C</mml:mi><mml:msub><mml:mrow><mml:mi>O</mml:mi></mml:mrow><mml:mrow><mml:mn>4</mml:mn></mml:mrow></mml:msub><mml:msub><mml:mrow><mml:mi>O</mml:mi></mml:mrow><mml:mrow><mml:mn>4</mml:mn></mml:mrow></mml:msub></mml:mrow></mml:math> nanoparticles-based eutectic phase change materials for enhancement of thermal efficiency of pin-fin heat sink arrangement",
            "Hybrid NiFe2O4-NiCO4O4 nanoparticles-based eutectic phase change materials for enhancement of thermal efficiency of pin-fin heat sink arrangement",
        ),
        (
            "10.1016/j.jmmm.2022.169644",
            "Epitaxial Mn<mml:math xmlns:mml=\"http://www.w3.org/1998/Math/MathML\" altimg=\"si90.svg\" display=\"inline\" id=\"d1e595\"><mml:msub><mml:mrow /><mml:mrow><mml:mn>2</mml:mn></mml:mrow></mml:msub></mml:math>VAl films with <mml:math xmlns:mml=\"http://www.w3.org/1998/Math/MathML\" altimg=\"si89.svg\" display=\"inline\" id=\"d1e603\"><mml:mrow><mml:mi>L</mml:mi><mml:msub><mml:mrow><mml:mn>2</mml:mn></mml:mrow><mml:mrow><mml:mn>1</mml:mn></mml:mrow></mml:msub></mml:mrow></mml:math>-ordered structure for all-Heusler stacks",
            "Epitaxial Mn2VAl films with L21-ordered structure for all-Heusler stacks",
        ),
        (
            "10.1103/physrevc.91.057301",
            "Persistence of collective behavior at high spin in the<mml:math xmlns:mml=\"http://www.w3.org/1998/Math/MathML\"><mml:mrow><mml:mi>N</mml:mi><mml:mo>=</mml:mo><mml:mn>88</mml:mn></mml:mrow></mml:math>nucleus<mml:math xmlns:mml=\"http://www.w3.org/1998/Math/MathML\"><mml:mmultiscripts><mml:mi mathvariant=\"normal\">Tb</mml:mi><mml:mprescripts /><mml:none /><mml:mrow><mml:mn>153</mml:mn></mml:mrow></mml:mmultiscripts></mml:math>",
            "Persistence of collective behavior at high spin in the N=88 nucleus 153Tb",
        ),
        (
            "10.1155/2014/646721",
            "Parabolic Equations of Infinite Order with<mml:math xmlns:mml=\"http://www.w3.org/1998/Math/MathML\" id=\"M1\"><mml:mrow><mml:msup><mml:mrow><mml:mi>L</mml:mi></mml:mrow><mml:mrow><mml:mn>1</mml:mn></mml:mrow></mml:msup></mml:mrow></mml:math>Data",
            "Parabolic Equations of Infinite Order with L1 Data",
        ),
        (
            "10.1155/2021/5525739",
            "More on <math xmlns=\"http://www.w3.org/1998/Math/MathML\" id=\"M1\">\n                     <mi mathvariant=\"script\">D</mi>\n                     <mi>α</mi>\n                  </math>-Closed Sets in Topological Spaces",
            "More on Dα-Closed Sets in Topological Spaces",
        ),
        // TeX alone stays as it is.
        (
            "10.1109/tfuzz.2022.3193446",
            "Induced $\\mathcal {L}_\\infty$ Quantized Sampled-Data Control for T–S Fuzzy System With Bandwidth Constraint",
            "Induced $\\mathcal {L}_\\infty$ Quantized Sampled-Data Control for T–S Fuzzy System With Bandwidth Constraint",
        ),
    ] {
        assert_eq!(plain(raw), expected, "{doi}");
    }
}

#[test]
fn layout_beside_tags() {
    for (raw, expected) in [
        (
            "see (\n <i>\n O\n <sub>2</sub>\n </i>\n , b)",
            "see (O2, b)",
        ),
        ("anti-\n <i>Nosema</i>\n -like", "anti-Nosema-like"),
        ("word\n <i>word</i>\n word", "word word word"),
        ("of\n <sup>13</sup>\n C", "of 13 C"),
        ("a m\n <sup>2</sup>\n .", "a m2."),
        ("open “\n <i>quote</i>\n ”", "open “quote”"),
        ("from\n <i>a</i>\n – to b", "from a – to b"),
        ("(\n< <i>x</i>", "( < x"),
        // As deposited, on one line.
        ("<i>A</i> , B", "A , B"),
        ("(\nno tag\n)", "(no tag)"),
        ("( one [ two ] three )", "( one [two] three )"),
        ("( one", "( one"),
        ("( one )( two] [ ] ( )", "(one)( two] [ ] ( )"),
        ("x ( ü )\n.", "x (ü) ."),
        ("a <subtitle>b</subtitle>", "a: b"),
        ("a?<subtitle>b</subtitle>", "a? b"),
        ("a<subtitle></subtitle>", "a"),
        ("<i>GenCo</i> 's, and <i>one</i> ’s", "GenCo's, and one’s"),
        ("Ecology\n's jubilee", "Ecology's jubilee"),
        (
            "<i>in</i> 's-Hertogenbosch or\n's Gravenhage",
            "in 's-Hertogenbosch or 's Gravenhage",
        ),
        ("<i>x</i> 'such'", "x 'such'"),
        (
            "&lt;i&gt;pre&lt;/i&gt; ‐war -&lt;i&gt;x&lt;/i&gt; -5",
            "pre‐war -x -5",
        ),
        ("<i>pre</i> ‐war", "pre ‐war"),
    ] {
        assert_eq!(plain(raw), expected, "{raw}");
    }
}

#[test]
fn formulas() {
    for (raw, expected) in [
        ("<math><mi>n</mi></math>-type", "n-type"),
        (
            "the<math><mi>n</mi></math>th of<math><mi>n</mi></math>sets",
            "the nth of n sets",
        ),
        ("5 <math><mi>μ</mi></math>mol", "5 μmol"),
        (
            "(<math><mi>p</mi></math>), x,<math><mi>y</mi></math>",
            "(p), x, y",
        ),
        (
            "<math>\n <mi>x</mi>\n <mo>=</mo>\n <mn>1</mn><mtext> if </mtext><mi>y</mi></math>",
            "x=1 if y",
        ),
        (
            "<m:math><m:mfrac><m:mi>a</m:mi><m:mrow><m:mi>b</m:mi><m:mo>+</m:mo><m:mi>c</m:mi></m:mrow></m:mfrac></m:math>",
            "a/(b+c)",
        ),
        (
            "<math><mfrac><mfrac><mn>1</mn><mn>2</mn></mfrac><mn>3</mn></mfrac></math>",
            "(1/2)/3",
        ),
        (
            "<math><msqrt><mi>a</mi><mo>+</mo><mi>b</mi></msqrt><mroot><mi>x</mi><mn>3</mn></mroot></math>",
            "√(a+b)3√x",
        ),
        (
            "<math><mfenced><mi>a</mi><mi>b</mi></mfenced><mfenced open=\"[\" close=\"]\" separators=\"|\"><mi>c</mi><mi>d</mi></mfenced></math>",
            "(a,b)[c|d]",
        ),
        (
            "<math><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr></mtable></math>",
            "1 0",
        ),
        (
            "at <jats:inline-formula><jats:alternatives><jats:tex-math>$x^2$</jats:tex-math><mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math></jats:alternatives></jats:inline-formula> most",
            "at x2 most",
        ),
        (
            "(<inline-formula>\n <tex-math>\n<?CDATA $y$?>\n</tex-math>\n <math>\n <mi>y</mi></math>\n</inline-formula>), <inline-formula>\n<tex-math><?CDATA $z$?></tex-math>\n</inline-formula>",
            "(y), $z$",
        ),
        // MathML that says nothing.
        (
            "<inline-formula><tex-math>$z$</tex-math><math><mi/></math></inline-formula>",
            "$z$",
        ),
        (
            "<inline-formula><alternatives>a<tex-math>$b$</tex-math>c<tex-math>$d$</tex-math></alternatives></inline-formula>",
            "a$b$c$d$",
        ),
        // Text beside TeX.
        (
            "Of <inline-formula>abc<alternatives>\n  <tex-math>x^2</tex-math>\n</alternatives></inline-formula> here",
            "Of abcx^2 here",
        ),
        (
            "<inline-formula>\n é<alternatives>\n \n<tex-math>x</tex-math>\nö</alternatives>ü<tex-math>y</tex-math>\n</inline-formula>",
            "éxöüy",
        ),
        (
            "one<disp-formula><math><mi>E</mi></math></disp-formula>two",
            "one E two",
        ),
        (
            "<math><semantics><mi>k</mi><annotation encoding=\"application/x-tex\">k^1</annotation></semantics></math>",
            "k",
        ),
        (
            "<math><semantics><annotation encoding=\"application/x-tex\">k^1</annotation></semantics></math>",
            "k^1",
        ),
        (
            "<tex-math>\\documentclass{minimal}\\begin{document}$$q$$\\end{document}</tex-math>!",
            "$$q$$!",
        ),
        // A formula that is not closed ends with its paragraph.
        ("<p><math><mi> a</p><p>one two</p>", "a one two"),
    ] {
        assert_eq!(plain(raw), expected, "{raw}");
    }
}

#[test]
fn abstracts() {
    for (raw, expected) in [
        (
            "<jats:title>Abstract</jats:title><jats:p>We show.</jats:p>",
            Some("We show."),
        ),
        // The shape of 10.1017/s0033291721002026
        (
            "<jats:title>Abstract</jats:title><jats:sec id=\"a1\"><jats:title>Background</jats:title><jats:p>It is.</jats:p></jats:sec><jats:sec><jats:title>Methods:</jats:title><jats:p>So.</jats:p></jats:sec><jats:sec><jats:title>Why?</jats:title><jats:p>Thus.</jats:p></jats:sec>",
            Some("Background: It is. Methods: So. Why? Thus."),
        ),
        (
            "<title><bold>Aims</bold></title><p>: To see.</p><title>End</title>",
            Some("Aims: To see. End"),
        ),
        ("<h4>Results</h4>\n<p>Many</p>", Some("Results: Many")),
        (
            "<jats:sec>\n<jats:title />\n<jats:p>We.</jats:p></jats:sec>",
            Some("We."),
        ),
        (
            "<ns3:p>\n  Layout\n  <ns3:bold>bold</ns3:bold>.</ns3:p>",
            Some("Layout bold."),
        ),
        ("<p>One.</p><p>Two.</p>", Some("One. Two.")),
        ("<jats:p />", None),
        ("<jats:p>.</jats:p>", None),
        ("<jats:title>Abstract</jats:title><jats:p/>", None),
        (
            "<jats:title>Abstract</jats:title><p>Not available</p>",
            None,
        ),
        ("No abstract available.", None),
        ("n/a", None),
        ("<p>N.A.</p>", None),
        // 10.4212/cjhp.v70i2.1638
        ("<jats:p>-</jats:p>", None),
        ("Abstract algebra is fun.", Some("Abstract algebra is fun.")),
        ("Abstract Algebra is fun.", Some("Abstract Algebra is fun.")),
        ("ABSTRACT ALGEBRA IS FUN.", Some("ABSTRACT ALGEBRA IS FUN.")),
        ("Abstracts of papers", Some("Abstracts of papers")),
        ("ABSTRACTS OF PAPERS", Some("ABSTRACTS OF PAPERS")),
        ("abstract nouns", Some("abstract nouns")),
        ("Summary statistics of", Some("Summary statistics of")),
        ("Abstract We show", Some("We show")),
        (
            "ABSTRACT The current strategy",
            Some("The current strategy"),
        ),
        ("ABSTRACT DNA is", Some("DNA is")),
        ("AbstractThe current strategy", Some("The current strategy")),
        ("ABSTRACTThe current strategy", Some("The current strategy")),
        ("Summary: it is", Some("it is")),
        ("Résumé. Nous", Some("Nous")),
        ("RÉSUMÉ Nous avons", Some("Nous avons")),
        ("Resumen El objetivo", Some("El objetivo")),
        ("Zusammenfassung Das Ziel", Some("Das Ziel")),
        ("摘要：本文", Some("本文")),
        ("<title>Summary</title><p>We.</p>", Some("We.")),
        (
            "<title>Results</title><p>We.</p><title>Summary</title><p>So.</p>",
            Some("Results: We. Summary: So."),
        ),
        ("&lt;p&gt;We &amp;lt; you&lt;/p&gt;", Some("We < you")),
    ] {
        assert_eq!(plain_abstract(raw).as_deref(), expected, "{raw}");
    }
}
