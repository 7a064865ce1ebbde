// The script of every public page: what a page can do without. `collectstatic` joins what is imported here into this file
// (core/publishing/storage.py), so each import is a module that stands alone, and no file in a cache names what somebody read.
import "./exit.js";
import "./finder.js";
