(** T4, T4b [known] and T4+ [ours] (blueprint, section 2; T4F at kappa = 0) for every branch and every loss that looks
    at the outputs on the data and has its maximum at the ends of readout lines, as every convex loss does. One move
    carries all: of more features than points, or than their rank, one is a combination of the others; its neuron is
    emptied (R5) and takes another row (L9), and no output changes.

    Definitions: [rests], every output on the data is what it was; [covers], the feature of row w is a combination
    of the present ones; [feature_rank], of more than rho features one is always a combination of the others.
    Statements: T4, T4b, T4+. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums relu paths linear.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import transfer readout losses slots residual.
From Skipscape.routes Require Import route refit rank.
From Skipscape.theorems Require Import finite_sample.
Import ListNotations.
Open Scope R_scope.

Section Raising.
Variables (X : data) (m : nat) (B : branch).

Notation N := (points X).
Notation net := (parallel X m B).
Notation ray w k := (relu (dot X w (input X k))).

(** every output on the data is what it was *)
Definition rests (P P' : param) : Prop := forall k c, (k < N)%nat -> net P' k c = net P k c.

Lemma rests_trans P P1 P2 : joined (rests P) P P1 -> joined (rests P1) P1 P2 -> joined (rests P) P P2.
Proof.
  intros H1 H2. apply (joined_trans _ P P1 P2 H1). eapply joined_mono; [|exact H2].
  intros T HT k c Hk. rewrite HT by easy. now apply (joined_end _ _ _ H1).
Qed.

(** a neuron whose feature depends on the others takes any row *)
Lemma turn_neuron P a i w : (i < m)%nat -> a i <> 0 ->
  (forall k, (k < N)%nat -> \sum_(j < m) (a j * feature X P k j) = 0) ->
  exists P', joined (rests P) P P' /\ (forall n, W P' i n = w n) /\ (forall j n, j <> i -> W P' j n = W P j n).
Proof.
  intros Hi Hai Hsum. set (C := fun j b : nat => - (a b / a i)).
  assert (Hslots : slots m 1 [i]).
  { split; [repeat constructor; easy|]. split; [easy|]. intros j [<-|[]]. easy. }
  destruct (freed_by_span X m B P 1 [i] C Hslots) as [Hsame [_ Hsilent]].
  { intros j [<-|[]] k Hk. specialize (Hsum k Hk).
    rewrite (lsum_split m [i] _ ltac:(repeat constructor; easy)) in Hsum by (intros j [<-|[]]; easy).
    cbn [lsum] in Hsum.
    rewrite (lsum_ext _ _ (fun b => - / a i * (if mem b [i] then 0 else a b * feature X P k b)))
      by (intros b _; unfold C; destruct (mem b [i]); field; easy).
    rewrite lsum_scal. set (s := \sum_(b < m) _) in *.
    apply (Rmult_eq_reg_l (a i)); [|easy]. replace (a i * (- / a i * s)) with (- s) by (field; easy). lra. }
  set (P1 := give P [i] C) in *.
  exists (load P1 [i] (fun _ => w)). split; [|split].
  - apply (joined_step _ P P1); [intros t _ k c Hk; now apply Hsame|].
    apply joined_line. intros t _ k c Hk. rewrite L9_silent by easy.
    rewrite <- (lin_1 P P1). now apply Hsame.
  - intros n. unfold load; entries. simpl. now rewrite Nat.eqb_refl.
  - intros j n Hj. unfold load; entries. simpl. now rewrite (proj2 (Nat.eqb_neq j i) Hj).
Qed.

(** * Raising the rank (T4b) *)

(** the feature of row w is a combination of the present ones *)
Definition covers (P : param) (w : vector) : Prop :=
  exists b : nat -> R, forall k, (k < N)%nat -> ray w k = \sum_(j < m) (b j * feature X P k j).

Lemma raise_one P w : (N <= m)%nat ->
  exists P', joined (rests P) P P' /\ covers P' w /\ forall u, covers P u -> covers P' u.
Proof.
  intros HN.
  destruct (dependent N (seq 0 (S m)) (fun j k => if Nat.eqb j m then ray w k else feature X P k j))
    as (a & (i & Hi & Hai) & Hall).
  { apply seq_NoDup. } { rewrite seq_length. lia. }
  assert (Hsum : forall k, (k < N)%nat -> \sum_(j < m) (a j * feature X P k j) + a m * ray w k = 0).
  { intros k Hk. rewrite <- (Hall k Hk), sum_S, Nat.eqb_refl. f_equal. apply lsum_ext; intros j Hj.
    apply in_rng in Hj. destruct (Nat.eqb_spec j m); [lia | easy]. }
  destruct (Req_dec (a m) 0) as [E|E].
  - apply in_rng in Hi. assert (Him : (i < m)%nat) by (destruct (Nat.eq_dec i m) as [->|]; [easy | lia]).
    assert (Hdep : forall k, (k < N)%nat -> \sum_(j < m) (a j * feature X P k j) = 0).
    { intros k Hk. specialize (Hsum k Hk). rewrite E in Hsum. lra. }
    destruct (turn_neuron P a i w Him Hai Hdep) as (P' & Hpath & Hw & Hrest).
    exists P'. split; [easy|]. split.
    + exists (fun j => if Nat.eqb i j then 1 else 0). intros k Hk.
      rewrite (lsum_ext _ _ (fun j => if Nat.eqb i j then feature X P' k j else 0))
        by (intros j _; destruct (Nat.eqb i j); ring).
      rewrite lsum_delta by easy. unfold feature. f_equal. now apply dot_ext.
    + intros u (b & Hb). exists (fun j => if Nat.eqb i j then 0 else b j - b i / a i * a j). intros k Hk.
      rewrite (Hb k Hk).
      replace (\sum_(j < m) (b j * feature X P k j))
        with (\sum_(j < m) (b j * feature X P k j) - b i / a i * \sum_(j < m) (a j * feature X P k j))
        by (rewrite Hdep by easy; ring).
      rewrite <- lsum_scal, <- lsum_minus. apply lsum_ext; intros j _.
      destruct (Nat.eqb_spec i j) as [<-|Hj]; [field; easy|].
      rewrite (feature_ext X P' P) by (intros n; now apply Hrest, not_eq_sym). ring.
  - exists P. split; [now apply joined_refl|]. split; [|easy].
    exists (fun j => - / a m * a j). intros k Hk. specialize (Hsum k Hk).
    rewrite (lsum_ext _ _ (fun j => - / a m * (a j * feature X P k j))) by (intros; ring).
    rewrite lsum_scal. apply (Rmult_eq_reg_l (a m)); [|easy].
    set (s := \sum_(j < m) _) in *. replace (a m * (- / a m * s)) with (- s) by (field; easy). lra.
Qed.

Lemma raise P (u : matrix) r : (N <= m)%nat ->
  exists P', joined (rests P) P P' /\ forall q, (q < r)%nat -> covers P' (u q).
Proof.
  intros HN. induction r as [|r (P1 & H1 & Hcov)].
  - exists P. split; [now apply joined_refl | intros; lia].
  - destruct (raise_one P1 (u r) HN) as (P2 & H2 & Hr & Hold). exists P2.
    split; [now apply (rests_trans P P1)|]. intros q Hq.
    destruct (Nat.eq_dec q r) as [->|]; [easy | apply Hold, Hcov; lia].
Qed.

(** a readout with the outputs of a two-layer network whose features are covered *)
Lemma covered_readout P l w v : (forall q, (q < l)%nat -> covers P (w q)) ->
  exists v', forall k c, (k < N)%nat -> net (refit P v') k c = two_layer X l w v k c.
Proof.
  intros Hcov.
  assert (Hb : forall n, (n <= l)%nat -> exists b : nat -> nat -> R, forall q, (q < n)%nat -> forall k, (k < N)%nat ->
    ray (w q) k = \sum_(j < m) (b q j * feature X P k j)).
  { induction n as [|n IH]; intros Hn; [exists (fun _ _ => 0); intros; lia|].
    destruct IH as (b & Hb); [lia|]. destruct (Hcov n) as (b' & Hb'); [lia|].
    exists (fun q => if Nat.eqb q n then b' else b q). intros q Hq k Hk.
    destruct (Nat.eqb_spec q n) as [->|]; [now apply Hb' | apply Hb; [lia | easy]]. }
  destruct (Hb l (Nat.le_refl l)) as (b & Hbl). clear Hb.
  exists (fun j c => \sum_(q < l) (v q c * b q j)). intros k c Hk.
  rewrite parallel_off by easy. unfold skip, two_layer.
  rewrite (lsum_ext _ _ (fun j => \sum_(q < l) (v q c * (b q j * feature X P k j)))).
  - rewrite lsum_swap. apply lsum_ext; intros q Hq. apply in_rng in Hq.
    now rewrite lsum_scal, <- Hbl.
  - intros j _. unfold refit. rewrite V_readout, feature_readout, <- lsum_scal_r. apply lsum_ext; intros; ring.
Qed.

(** * All rows of a network at once, with one neuron to spare (T4, T4+) *)

(** the features of all rows have rank at most rho on the data *)
Definition feature_rank (rho : nat) : Prop := forall w : matrix, exists a : nat -> R,
  (exists j, (j <= rho)%nat /\ a j <> 0) /\ forall k, (k < N)%nat -> \sum_(j < S rho) (a j * ray (w j) k) = 0.

(** N points give rank at most N *)
Lemma feature_rank_points : feature_rank N.
Proof.
  intros w. destruct (dependent N (seq 0 (S N)) (fun j k => ray (w j) k)) as (a & (j & Hj & Haj) & Hsum).
  { apply seq_NoDup. } { rewrite seq_length. lia. }
  exists a. split; [exists j; split; [apply in_rng in Hj; lia | easy] | exact Hsum].
Qed.

Section Rank.
Variable rho : nat.
Hypothesis Hrho : feature_rank rho.

Lemma dependent_rows (w : matrix) r : (rho < r)%nat -> exists a : nat -> R,
  (exists j, (j < r)%nat /\ a j <> 0) /\ forall k, (k < N)%nat -> \sum_(j < r) (a j * ray (w j) k) = 0.
Proof.
  intros Hr. destruct (Hrho w) as (a & (j & Hj & Haj) & Hsum).
  exists (fun j => if Nat.leb j rho then a j else 0). split.
  - exists j. split; [lia|]. now rewrite (proj2 (Nat.leb_le j rho) Hj).
  - intros k Hk. transitivity (\sum_(j < S rho) (a j * ray (w j) k)); [|now apply Hsum].
    replace r with (S rho + (r - S rho))%nat by lia. generalize (r - S rho)%nat. induction n as [|n IH].
    + rewrite Nat.add_0_r. apply lsum_ext; intros i Hi. apply in_rng in Hi.
      now rewrite (proj2 (Nat.leb_le i rho)) by lia.
    + rewrite Nat.add_succ_r, sum_S, IH.
      rewrite (proj2 (Nat.leb_gt (S rho + n) rho) ltac:(lia)). ring.
Qed.

Lemma independent_less r w : independent X (S r) w -> independent X r w.
Proof.
  intros H a Ha j Hj.
  assert (E : (if Nat.eqb j r then 0 else a j) = 0).
  { apply (H (fun q => if Nat.eqb q r then 0 else a q)); [|lia]. intros k Hk.
    rewrite sum_S, Nat.eqb_refl, Rmult_0_l, Rplus_0_r, <- (Ha k Hk). apply lsum_ext; intros q Hq.
    apply in_rng in Hq. destruct (Nat.eqb_spec q r); [lia | easy]. }
  destruct (Nat.eqb_spec j r); [lia | easy].
Qed.

Lemma independent_count r w : independent X r w -> (r <= rho)%nat.
Proof.
  intros H. destruct (le_lt_dec r rho) as [|Hr]; [easy|]. exfalso.
  destruct (dependent_rows w r Hr) as (a & (j & Hj & Haj) & Hsum). apply Haj. now apply (H a).
Qed.

(** the outputs of a two-layer network on the data are those of one with independent features *)
Lemma independent_core l w v : exists r w' v', independent X r w' /\
  forall k c, (k < N)%nat -> two_layer X r w' v' k c = two_layer X l w v k c.
Proof.
  induction l as [|l (r & w1 & v1 & Hind & Hsame)].
  - exists 0%nat, w, v. split; [intros a _ j Hj; lia | easy].
  - assert (Hlast : forall k c, two_layer X (S l) w v k c = two_layer X l w v k c + v l c * ray (w l) k)
      by (intros; unfold two_layer; now rewrite sum_S).
    set (w2 := fun q => if Nat.eqb q r then w l else w1 q).
    assert (Hw2 : forall q k, (q < r)%nat -> ray (w2 q) k = ray (w1 q) k).
    { intros q k Hq. unfold w2. destruct (Nat.eqb_spec q r); [lia | easy]. }
    assert (Hw2r : forall k, ray (w2 r) k = ray (w l) k) by (intros; unfold w2; now rewrite Nat.eqb_refl).
    destruct (dependent_or_not N (seq 0 (S r)) (fun q k => ray (w2 q) k) (seq_NoDup _ _))
      as [(a & (q0 & Hq0 & Haq0) & Hsum)|Hnone].
    + (* the last feature is a combination of the independent ones *)
      assert (Hsum' : forall k, (k < N)%nat -> \sum_(q < r) (a q * ray (w1 q) k) + a r * ray (w l) k = 0).
      { intros k Hk. rewrite <- (Hsum k Hk), sum_S, Hw2r. f_equal. apply lsum_ext; intros q Hq.
        apply in_rng in Hq. now rewrite Hw2. }
      assert (Har : a r <> 0).
      { intros E. apply Haq0. apply in_rng in Hq0. destruct (Nat.eq_dec q0 r) as [->|Hne]; [easy|].
        apply (Hind a); [|lia]. intros k Hk. specialize (Hsum' k Hk). rewrite E in Hsum'. lra. }
      exists r, w1, (fun q c => v1 q c + v l c * (- a q / a r)). split; [easy|]. intros k c Hk.
      rewrite Hlast, <- (Hsame k c Hk). unfold two_layer.
      rewrite (lsum_ext _ _ (fun q => v1 q c * ray (w1 q) k + - (v l c / a r) * (a q * ray (w1 q) k)))
        by (intros; field; easy).
      rewrite lsum_plus, lsum_scal. specialize (Hsum' k Hk). set (s := \sum_(q < r) (a q * _)) in *.
      replace s with (- (a r * ray (w l) k)) by lra. field. easy.
    + exists (S r), w2, (fun q => if Nat.eqb q r then v l else v1 q). split.
      * intros a Ha j Hj. apply (Hnone a); [exact Ha | now apply in_rng].
      * intros k c Hk. rewrite Hlast, <- (Hsame k c Hk). unfold two_layer. rewrite sum_S, Nat.eqb_refl, Hw2r.
        f_equal. apply lsum_ext; intros q Hq. apply in_rng in Hq. rewrite Hw2 by easy.
        destruct (Nat.eqb_spec q r); [lia | easy].
Qed.

(** independent rows find a place each, and no output changes *)
Lemma fill P w r : (rho < m)%nat -> independent X r w -> exists P' s, joined (rests P) P P' /\ injective m r s /\
  forall q, (q < r)%nat -> forall n, W P' (s q) n = w q n.
Proof.
  intros HN. induction r as [|r IH]; intros Hind.
  - exists P, (fun _ => 0%nat). split; [now apply joined_refl|]. split; [split; intros; lia | intros; lia].
  - destruct (IH (independent_less r w Hind)) as (P1 & s & H1 & Hs & Hrows).
    destruct (dependent_rows (W P1) m HN) as (b & (j0 & Hj0 & Hb0) & Hsum).
    apply in_rng in Hj0.
    (* the r rows are independent, so one of the other neurons depends *)
    assert (Hi : exists i, (i < m)%nat /\ free r s i /\ b i <> 0).
    { destruct (Forall_Exists_dec (fun i => (if mem i (map s (seq 0 r)) then 0 else b i) = 0)
        (fun i => Req_EM_T _ _) (seq 0 m)) as [Hall|Hex].
      - exfalso. rewrite Forall_forall in Hall.
        assert (Hin : forall q, (q < r)%nat -> b (s q) = 0).
        { apply (independent_less r w Hind). intros k Hk. rewrite <- (Hsum k Hk). symmetry.
          apply (placed_sum m r s _ _ Hs).
          - intros j Hj Hf. specialize (Hall j (proj2 (in_rng j m) Hj)). cbv beta in Hall.
            rewrite (proj2 (mem_false j _)) in Hall by now apply not_in_slots. rewrite Hall. ring.
          - intros q Hq. unfold feature. do 2 f_equal. apply dot_ext. now apply Hrows. }
        apply Hb0. destruct (in_dec Nat.eq_dec j0 (map s (seq 0 r))) as [Hin0|Hout].
        + apply in_slots in Hin0. destruct Hin0 as (q & Hq & <-). now apply Hin.
        + specialize (Hall j0 Hj0). cbv beta in Hall. now rewrite (proj2 (mem_false j0 _) Hout) in Hall.
      - apply Exists_exists in Hex. destruct Hex as (i & Hi & Hne). exists i. split; [now apply in_rng|].
        destruct (mem i (map s (seq 0 r))) eqn:E; [easy|]. split; [|easy]. now apply mem_false, not_in_slots in E. }
    destruct Hi as (i & Him & Hfree & Hbi).
    destruct (turn_neuron P1 b i (w r) Him Hbi Hsum) as (P2 & H2 & Hnew & Hold).
    exists P2, (upd s r i). split; [now apply (rests_trans P P1)|]. split.
    + destruct Hs as [Hsm Hsi]. split.
      * intros q Hq. destruct (Nat.eq_dec q r) as [->|Hne]; [now rewrite upd_same|].
        rewrite upd_other by easy. apply Hsm. lia.
      * intros q q' Hq Hq'. destruct (Nat.eq_dec q r) as [->|Hne], (Nat.eq_dec q' r) as [->|Hne'];
          rewrite ?upd_same, ?upd_other by easy; intros E; [easy | | |].
        -- exfalso. apply (Hfree q'); [lia | easy].
        -- exfalso. apply (Hfree q); [lia | easy].
        -- apply Hsi; [lia | lia | easy].
    + intros q Hq n. destruct (Nat.eq_dec q r) as [->|Hne]; [now rewrite upd_same|].
      rewrite upd_other, Hold by (easy || (apply Hfree; lia)). apply Hrows. lia.
Qed.

End Rank.

Section Losses.
Variable Phi : (nat -> vector) -> R.
Hypothesis HPhi : max_at_ends Phi.
Hypothesis Hdata : on_data X Phi.

Notation loss := (loss_of X m B Phi).

Lemma rests_sublevel P P' c : loss P <= c -> joined (rests P) P P' -> joined (sublevel loss c) P P'.
Proof.
  intros HP. apply joined_mono. intros T HT. unfold sublevel, loss_of. erewrite Hdata; [exact HP|].
  intros; now apply HT.
Qed.

(** T4b, any inputs: whatever a two-layer network of any width does better, a path of depth 0 reaches *)
Theorem T4b_two_layer P l w v : (N <= m)%nat -> Phi (two_layer X l w v) < loss P -> depth_at_most loss P 0.
Proof.
  intros HN Hbetter. destruct (raise P w l HN) as (P1 & H1 & Hcov).
  destruct (covered_readout P1 l w v Hcov) as (v' & Hv').
  pose proof (rests_sublevel P P1 (loss P) (Rle_refl _) H1) as Hpath.
  assert (Hend : loss (refit P1 v') = Phi (two_layer X l w v)) by (apply Hdata; intros; now apply Hv').
  apply (joined_depth loss P (refit P1 v')); [|now rewrite Hend].
  rewrite Rplus_0_r. apply (joined_trans _ P P1); [easy|].
  apply readout_line; [easy | exact (joined_end _ _ _ Hpath) | fold (refit P1 v'); lra].
Qed.

(** T4b: "every non-global theta has depth 0" *)
Theorem T4b_no_valley P f : (N <= m)%nat -> spread_inputs X -> Phi f < loss P -> depth_at_most loss P 0.
Proof.
  intros HN Hspread Hbetter. destruct (T4_interpolation X f Hspread) as (w & v & Hfit).
  apply (T4b_two_layer P N w v HN). erewrite Hdata; [exact Hbetter | easy].
Qed.

(** from any point of a sub-level set to a copy of g-star with independent rows *)
Lemma reach_copy rho P r w v level : feature_rank rho -> (rho < m)%nat -> independent X r w ->
  loss P <= level -> Phi (two_layer X r w v) <= level ->
  exists E s, injective m r s /\ placed m r w v s E /\ joined (sublevel loss level) P E.
Proof.
  intros Hrho HN Hind HP Hstar. destruct (fill rho Hrho P w r HN Hind) as (P1 & s & H1 & Hs & Hrows).
  set (E := readout P1 (fun j c => \sum_(q < r) (if Nat.eqb (s q) j then v q c else 0)) zero_matrix).
  assert (HE : placed m r w v s E).
  { split; [easy|]. split; [|split; [|easy]].
    - intros q Hq c. unfold E. rewrite V_readout.
      rewrite <- (lsum_delta r q (fun q' => v q' c) Hq). apply lsum_ext; intros q' Hq'. apply in_rng in Hq'.
      destruct (Nat.eqb_spec (s q') (s q)) as [e|e], (Nat.eqb_spec q q') as [e'|e']; try easy.
      + exfalso. apply e'. now apply Hs.
      + exfalso. apply e. now rewrite e'.
    - intros j Hj Hf c. unfold E. rewrite V_readout. apply lsum_zero. intros q Hq. apply in_rng in Hq.
      destruct (Nat.eqb_spec (s q) j); [now exfalso; apply (Hf q) | easy]. }
  exists E, s. split; [easy|]. split; [easy|].
  pose proof (rests_sublevel P P1 level HP H1) as Hpath.
  apply (joined_trans _ P P1); [easy|].
  apply readout_line; [easy | exact (joined_end _ _ _ Hpath)|]. fold E. unfold loss_of.
  destruct (placed_copy X m B r w v s E Hs HE) as (HU & HF & _). now rewrite parallel_off, HF.
Qed.

(** T4+: "m >= rho + 1 suffices", rho the rank of all features on the data; g-star of any width *)
Theorem T4plus_connected rho P P' l w v level : feature_rank rho -> (rho < m)%nat ->
  loss P <= level -> loss P' <= level -> Phi (two_layer X l w v) <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 -> loss (gam t) <= level.
Proof.
  intros Hrho HN HP HP' Hstar. apply (joined_path (sublevel loss level)).
  destruct (independent_core l w v) as (r & w1 & v1 & Hind & Hsame).
  assert (Hstar1 : Phi (two_layer X r w1 v1) <= level) by (erewrite Hdata; [exact Hstar | auto]).
  destruct (reach_copy rho P r w1 v1 level Hrho HN Hind HP Hstar1) as (E & s & Hs & HE & Hpath).
  destruct (reach_copy rho P' r w1 v1 level Hrho HN Hind HP' Hstar1) as (E' & s' & Hs' & HE' & Hpath').
  apply (joined_trans _ P E); [easy|]. apply (joined_trans _ E E'); [|now apply joined_sym].
  pose proof (independent_count rho Hrho r w1 Hind) as Hr.
  eapply joined_mono; [|exact (L9_permutation X m B r w1 v1 s s' E E' ltac:(lia) Hs Hs' HE HE')].
  intros T (HU & HF & _). unfold sublevel, loss_of. now rewrite parallel_off, HF.
Qed.

(** T4: "m >= N + 1 suffices for every l": zero barrier between any two points of a sub-level set at or above the loss
    of a two-layer network of any width *)
Corollary T4_connected P P' l w v level : (N < m)%nat ->
  loss P <= level -> loss P' <= level -> Phi (two_layer X l w v) <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 -> loss (gam t) <= level.
Proof. apply T4plus_connected, feature_rank_points. Qed.
End Losses.
End Raising.
