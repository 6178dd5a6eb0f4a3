"""Writes the files beside it from the numbers of `example` in tests.rs, with NumPy's bytes and Python's base64, and reads
them back with VTK and meshio. Run with numpy, vtk and meshio installed; made with VTK 9.7.2 and meshio 5.3.5."""

import base64
import math
from pathlib import Path

import meshio
import numpy as np
import vtk
from vtk.util.numpy_support import vtk_to_numpy

HERE = Path(__file__).parent
xs, ys = [0.0, 1.0, 2.0, 3.0], [0.0, 0.5, 2.0]
z = [i * i + 0.5 for i in range(11)] + [math.nan]
LABEL = "loss <mean>"


def height(value):
    if not math.isfinite(value):
        return 0.0
    low, high = math.log10(0.5), math.log10(100.5)
    return (math.log10(value) - low) * (0.5 * 3.0 / (high - low))


def array(kind, name, components, numbers, dtype):
    data = np.asarray(numbers, dtype).tobytes()
    text = base64.b64encode(np.uint64(len(data)).tobytes() + data).decode()
    name = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return f'<DataArray type="{kind}" Name="{name}" NumberOfComponents="{components}" format="binary">{text}</DataArray>\n'


def floats(name, numbers, components=1):
    return array("Float64", name, components, numbers, "<f8")


def write(file, kind, counts, places, fields, cells):
    scalars = fields[0][0].replace("<", "&lt;").replace(">", "&gt;")
    body = "".join(floats(name, numbers) for name, numbers in fields)
    (HERE / file).write_text(
        f'<?xml version="1.0"?>\n<VTKFile type="{kind}" version="1.0" byte_order="LittleEndian" header_type="UInt64">\n'
        f'<{kind}>\n<Piece NumberOfPoints="{len(places)}"{counts}>\n<PointData Scalars="{scalars}">\n{body}</PointData>\n'
        f"<Points>\n{floats('Points', np.ravel(places), 3)}</Points>\n{cells}</Piece>\n</{kind}>\n</VTKFile>\n"
    )


def connections(cells):
    ends = np.cumsum([len(cell) for cell in cells])
    flat = [i for cell in cells for i in cell]
    return array("Int64", "connectivity", 1, flat, "<i8") + array("Int64", "offsets", 1, ends, "<i8")


def poly_data(file, part, places, fields, cells):
    names = ["Verts", "Lines", "Strips", "Polys"]
    counts = "".join(f' NumberOf{name}="{len(cells) if name == part else 0}"' for name in names)
    write(file, "PolyData", counts, places, fields, f"<{part}>\n{connections(cells)}</{part}>\n")


def grid(file, places, fields, cells):
    types = array("UInt8", "types", 1, [5 if len(c) == 3 else 9 for c in cells], "u1")
    cells_text = f"<Cells>\n{connections(cells)}{types}</Cells>\n"
    write(file, "UnstructuredGrid", f' NumberOfCells="{len(cells)}"', places, fields, cells_text)


places = [[xs[i % 4], ys[i // 4], height(z[i])] for i in range(12)]
fields = [(LABEL, z), ("error", list(range(12)))]
triangles = [t for r in range(2) for c in range(3) for a in [4 * r + c] for t in ([a, a + 1, a + 5], [a, a + 5, a + 4])]
triangles = [t for t in triangles if 11 not in t]
poly_data("triangles.vtp", "Polys", places, fields, triangles)
grid("triangles.vtu", places, fields, triangles)
grid("squares.vtu", places, fields, [[0, 2, 10, 8], [0, 1, 5, 4]])
steps = [0.0, 1.5]
poly_data(
    "way.vtp",
    "Lines",
    [[s, 0.5, height(1.0 + s)] for s in steps],
    [
        ("path", [0, 0]),
        ("step", steps),
        ("true value", [2, 2]),
        ("value on the plane", [1.0 + s for s in steps]),
        ("distance off the plane", [0.25, 0.25]),
    ],
    [[0, 1]],
)
poly_data(
    "marks.vtp",
    "Verts",
    [[1.1, 0.4, height(z[5])], [0.0, 2.0, height(z[8])]],
    [("kind", [2, 0]), (LABEL, [z[5], z[8]])],
    [[0], [1]],
)

for file, points, cells in [
    ("triangles.vtp", 12, 10), ("triangles.vtu", 12, 10), ("squares.vtu", 12, 2), ("way.vtp", 2, 1), ("marks.vtp", 2, 2)
]:
    reader = vtk.vtkXMLPolyDataReader() if file.endswith("vtp") else vtk.vtkXMLUnstructuredGridReader()
    reader.SetFileName(str(HERE / file))
    reader.Update()
    data = reader.GetOutput()
    assert reader.GetErrorCode() == 0 and (data.GetNumberOfPoints(), data.GetNumberOfCells()) == (points, cells), file
    if points == 12:
        assert np.array_equal(vtk_to_numpy(data.GetPointData().GetArray(LABEL)), z, equal_nan=True)
        assert np.array_equal(vtk_to_numpy(data.GetPoints().GetData()), places)
    if file.endswith("vtu"):
        assert np.array_equal(meshio.read(HERE / file).points, places)
print(vtk.vtkVersion.GetVTKVersion(), meshio.__version__)
