import { render } from 'preact';
import { App } from './app.tsx';
import './styles/theme.css';
import './styles/page.css';
import './styles/parts.css';
import './styles/plots.css';
import './styles/panels.css';

const container = document.getElementById('page');
if (!container) throw new Error('Expected an element with the id "page" in index.html.');
render(<App />, container);
