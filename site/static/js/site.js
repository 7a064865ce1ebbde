// The script of every public page: enhancements only.
// `collectstatic` joins the imports into this file (core/publishing/storage.py), so each must be a self-contained
// module, and no file in a cache reveals what the visitor read.
import "./exit.js";
import "./finder.js";
import "./copy.js";
import "./times.js";
