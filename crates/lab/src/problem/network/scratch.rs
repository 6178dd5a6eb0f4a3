use super::programs::Programs;
use super::*;
use crate::Curvature;
use std::collections::BTreeMap;
use thalweg_graph::{DType, Graph};

fn ops(g: &Graph, title: &str) {
    let mut m: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for n in g.nodes() {
        let name = format!("{:?}", n.op);
        let name: String = name.split(|c| c == '{' || c == '(').next().unwrap().trim().into();
        let name = if name == "Unary" || name == "Binary" { format!("{:?}", n.op) } else { name };
        let e = m.entry(name).or_default();
        e.0 += 1;
        e.1 += n.ty.size();
    }
    println!("== {title}: {} nodes", g.nodes().len());
    let mut v: Vec<_> = m.into_iter().collect();
    v.sort_by_key(|(_, (_, s))| std::cmp::Reverse(*s));
    for (k, (c, s)) in v.into_iter().take(25) {
        println!("{c:5} {:10.3}M {k}", s as f64 / 1e6);
    }
}

#[test]
fn show() {
    let spec = std::env::var("SPEC").unwrap_or("gpt:2-128-4-64".into());
    let mut model: ModelSpec = spec.parse().unwrap();
    if let Ok(a) = std::env::var("ACT") {
        model.activation = a.parse().unwrap();
    }
    let n: usize = std::env::var("N").unwrap_or("16".into()).parse().unwrap();
    let output = model.output();
    let statistics = if std::env::var("FROZEN").is_ok() { Statistics::Fixed } else { Statistics::Batch };
    let p = Programs {
        layout: model.layout(),
        buffers: model.buffers().into(),
        target: output[..output.len() - 1].to_vec(),
        model: model.into(),
        loss: Loss::CROSS_ENTROPY,
        dtype: DType::F32,
        classes: true,
        statistics,
    };
    let g = p.gradient(n);
    ops(&g, "gradient");
    for c in [Curvature::Hessian, Curvature::GaussNewton] {
        let h = p.product(c, n);
        let first = p.roles().len();
        let late: Vec<usize> = (first..first + p.blocks()).collect();
        let split = h.split(&late);
        ops(&split.tangent, &format!("{c:?} tangent"));
        let mut kept: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for &o in split.primal.outputs() {
            let node = split.primal.node(o);
            let e = kept.entry(format!("{:?} {}", node.op, node.ty)).or_default();
            e.0 += 1;
            e.1 += node.ty.bytes();
        }
        let total: usize = kept.values().map(|v| v.1).sum();
        println!("-- kept {:.2} MB", total as f64 / 1e6);
        let mut v: Vec<_> = kept.into_iter().collect();
        v.sort_by_key(|(_, (_, s))| std::cmp::Reverse(*s));
        for (k, (c, b)) in v.into_iter().take(30) {
            println!("{c:5} {:8.2} MB {}", b as f64 / 1e6, &k[..k.len().min(150)]);
        }
        if std::env::var("DUMP").is_ok() {
            println!("{}", split.tangent);
        }
    }
}
